"""Python language host of the embedded engine: runs programs and policy packs for `pulumi`.

The engine starts it with its own address as the last argument and reads the port from stdout's first line.
The program runs inside this very process, so that Python and the Pulumi SDK start once and not twice.
"""

import gc
import os
import runpy
import signal
import sys
import threading
import traceback
from asyncio import AbstractEventLoop, CancelledError, Task, all_tasks, gather, new_event_loop
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any

import grpc
import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime import reset_options, run_in_stack, set_all_config
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from local import language_venv, manifests

THREADS = 16


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """What the engine may ask of a language; `engine` is the address the program reports to."""

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
        # A policy pack takes its own directory last, any other plugin is that directory.
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
        """Ends the program, as Ctrl-C does: the engine has been interrupted."""
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
        # `bail`: the error has been shown, the engine adds none of its own.
        return language_pb2.RunResponse(bail=True)


def pulumi_version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - start-up time

    return version("pulumi")


def prepare(request: Any) -> Path:
    """Makes the process the program's: directory, import path and arguments. Returns what to run."""
    directory = Path(request.info.program_directory or request.pwd)
    os.chdir(request.pwd or directory)
    sys.path.insert(0, str(directory))
    entry = directory / (request.info.entry_point or ".")
    program = entry / "__main__.py" if entry.is_dir() else entry
    sys.argv = [str(program), *request.args]
    return program


def cancel_tasks(loop: AbstractEventLoop) -> None:
    for task in all_tasks(loop):
        task.cancel()


def run_program(program: Path, loop: AbstractEventLoop, *, threads: int) -> str | None:
    """Runs a program to its end in an event loop of its own, which is closed afterwards.

    Returns None when it went well, else the error to show; empty when the engine has shown it already.
    """
    loop.set_default_executor(ThreadPoolExecutor(max_workers=threads))
    # What is left behind after a failure is cancelled below, and its complaints are noise.
    loop.set_exception_handler(lambda _loop, _context: None)
    try:
        loop.run_until_complete(run_in_stack(lambda: run_main(program)))
    except BaseException as error:  # noqa: BLE001 - whatever a program raises becomes a message
        return describe(error, program)
    finally:
        left: set[Task[Any]] = all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(gather(*left, return_exceptions=True))
        loop.close()
    return None


def run_main(program: Path) -> None:
    runpy.run_path(str(program), run_name="__main__")


def describe(error: BaseException, program: Path) -> str | None:
    """What to tell the user about an exception that ended the program; None if it is no failure."""
    match error:
        case pulumi.RunError():
            return str(error)
        case _ if is_of_the_end(error):
            return ""  # the engine is shutting down after an error, which it shows itself
        case grpc.RpcError():
            return f"RPC error: {getattr(error, 'details', lambda: error)()}"
        case SystemExit(code=None | 0):
            return None
        case SystemExit():
            return f"the program exited with {error.code!r}"
    return f"the program failed with an unhandled exception:\n{program_traceback(error, program)}"


def is_of_the_end(error: BaseException) -> bool:
    """Whether a program ended because the engine did, or was interrupted."""
    ending = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    failed_call = isinstance(error, grpc.RpcError) and getattr(error, "code", lambda: None)() in ending
    return isinstance(error, CancelledError) or failed_call


def program_traceback(error: BaseException, program: Path) -> str:
    """The traceback from the program's own first frame on; all of it if no frame is the program's."""
    frames = traceback.extract_tb(error.__traceback__)
    own = next((index for index, frame in enumerate(frames) if frame.filename == str(program)), 0)
    shown = traceback.TracebackException.from_exception(error)
    shown.stack = traceback.StackSummary.from_list(list(frames[own:]))
    return "".join(shown.format()).rstrip()


def main() -> None:
    """Serves until the engine ends it; prints the port."""
    server = grpc.server(ThreadPoolExecutor(max_workers=THREADS))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(sys.argv[-1]), server)
    port = server.add_insecure_port("127.0.0.1:0")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    # Programs and plugins started from here must not see this checkout on their import path.
    os.environ.pop("PYTHONPATH", None)
    gc.disable()  # a program lives for seconds; collecting while it imports is a fifth of that time
    server.start()
    print(port, flush=True)  # noqa: T201 - the handshake
    parent = os.getppid()
    while not stop.wait(1) and os.getppid() == parent:
        pass  # an engine that was killed ends nobody
    sys.stdout.flush()
    os._exit(0)  # a program still running in a thread must not hold up the engine


if __name__ == "__main__":
    main()
