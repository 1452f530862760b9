"""Python language host of the embedded engine: runs programs and policy packs for `pulumi`.

The engine passes its address as the last argument and reads the host's port from the first line of stdout.
The program runs in this process, so that Python and the Pulumi SDK start only once.
"""

import gc
import os
import signal
import sys
import threading
from asyncio import AbstractEventLoop, new_event_loop
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any

import grpc
import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime import reset_options, set_all_config
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from local import language_venv, manifests
from local.program_run import cancel_tasks, prepare, run_program

THREADS = 16


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """The engine's language interface. engine: address that the program reports to."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._running: set[AbstractEventLoop] = set()

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, ARG002
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, ARG002
        return plugin_pb2.PluginInfo(version=pulumi_version())

    def About(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, ARG002
        python = language_venv.python(request.info)
        return language_pb2.AboutResponse(
            executable=str(python),
            version=".".join(map(str, sys.version_info[:3])),
            metadata={"pulumi": pulumi_version()},
        )

    def GetRequiredPackages(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, ARG002
        return language_pb2.GetRequiredPackagesResponse(
            packages=[
                plugin_pb2.PackageDependency(
                    name=plugin.name, kind="resource", version=plugin.version, server=plugin.server
                )
                for plugin in manifests.plugins(
                    language_venv.site_packages(language_venv.python(request.info))
                )
            ]
        )

    def GetProgramDependencies(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, ARG002
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=name, version=version)
                for name, version in language_venv.dependencies(
                    request.info, transitive=request.transitiveDependencies
                )
            ]
        )

    def InstallDependencies(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:  # noqa: N802
        for command in language_venv.install_commands(request.info, Path(request.directory)):
            for stream, data in language_venv.stream(command, cwd=request.directory, context=context):
                if stream == "exitcode" and data:
                    context.abort(grpc.StatusCode.UNKNOWN, f"{' '.join(command)} exited with code {data}")
                elif stream != "exitcode":
                    yield language_pb2.InstallDependenciesResponse(**{stream: data})

    def RunPlugin(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:  # noqa: N802
        directory = request.info.program_directory
        python = str(language_venv.python(request.info))
        what = ["-m", "pulumi.policy"] if request.kind == "analyzer" else []
        # pulumi.policy takes the pack's directory as its last argument; Python runs other plugins' directory.
        arguments = [*request.args, directory] if request.kind == "analyzer" else [directory, *request.args]
        environment = dict(entry.split("=", 1) for entry in request.env) or None
        for stream, data in language_venv.stream(
            [python, "-u", *what, *arguments], cwd=directory, context=context, env=environment
        ):
            yield language_pb2.RunPluginResponse(**{stream: data})

    def Run(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, ARG002
        python = language_venv.python(request.info)
        if language_venv.is_other(python):
            return language_venv.delegate(python, self._engine, request)
        return copy_context().run(self._run, request)

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, ARG002
        """Cancels the running programs after the engine was interrupted."""
        for loop in self._running:
            loop.call_soon_threadsafe(cancel_tasks, loop)
        return empty_pb2.Empty()

    def _run(self, request: Any) -> Any:
        program = prepare(request)
        reset_options(
            project=request.project,
            stack=request.stack,
            parallel=request.parallel,
            engine_address=self._engine,
            monitor_address=request.monitor_address,
            preview=request.dryRun,
            organization=request.organization or "organization",
        )
        set_all_config(dict(request.config), list(request.configSecretKeys))
        loop = new_event_loop()
        self._running.add(loop)
        try:
            message = run_program(program, loop, threads=max(request.parallel, 1) * 4)
        finally:
            self._running.remove(loop)
        sys.stdout.flush()
        sys.stderr.flush()
        if message is None:
            return language_pb2.RunResponse()
        if message:
            pulumi.log.error(message)
        # `bail`: the error has been shown, so the engine adds none.
        return language_pb2.RunResponse(bail=True)


def pulumi_version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - start-up time

    return version("pulumi")


def main() -> None:
    """Prints the port and serves until the engine stops it."""
    server = grpc.server(ThreadPoolExecutor(max_workers=THREADS))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(sys.argv[-1]), server)
    port = server.add_insecure_port("127.0.0.1:0")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    # Programs and plugins started from here must not see this checkout on their import path.
    os.environ.pop("PYTHONPATH", None)
    gc.disable()  # programs run for seconds, and garbage collection during imports takes a fifth of that
    server.start()
    print(port, flush=True)  # noqa: T201 - the handshake
    parent = os.getppid()
    while not stop.wait(1) and os.getppid() == parent:
        pass  # a killed engine sends no signal, but changes the parent process
    sys.stdout.flush()
    os._exit(0)  # do not wait for a program that still runs in a thread


if __name__ == "__main__":
    main()
