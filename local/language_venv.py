"""The Python environment of a program (`virtualenv` in Pulumi.yaml), and its packages."""

import os
import re
import selectors
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import grpc
from pulumi.runtime.proto import language_pb2_grpc


def virtualenv(info: Any) -> Path | None:
    """Directory of the program's virtual environment; None if Pulumi.yaml sets none."""
    option = dict(info.options).get("virtualenv")
    return Path(info.root_directory or info.program_directory) / str(option) if option else None


def python(info: Any) -> Path:
    """The program's interpreter; this one if its virtual environment is not set or does not exist."""
    directory = virtualenv(info)
    found = directory / "bin" / "python" if directory else None
    return found if found and found.exists() else Path(sys.executable)


def is_other(interpreter: Path) -> bool:
    """Whether an interpreter belongs to another environment than this process."""
    return interpreter.parent.parent.resolve() != Path(sys.prefix).resolve()


def delegate(interpreter: Path, engine: str, request: Any) -> Any:
    """Runs the program in a second language host, with the program's interpreter."""
    root = Path(__file__).parent.parent
    with subprocess.Popen(
        [interpreter, "-u", "-m", "local.language_host", engine],
        env=os.environ | {"PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        text=True,
    ) as host:
        port = host.stdout.readline().strip() if host.stdout else ""
        if not port or not host.stdout:
            raise RuntimeError(f"{interpreter} cannot run the program: is `pulumi` installed there?")
        threading.Thread(target=_echo, args=(host.stdout,), daemon=True).start()
        try:
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                return language_pb2_grpc.LanguageRuntimeStub(channel).Run(request)
        finally:
            host.terminate()


def _echo(lines: Iterator[str]) -> None:
    for line in lines:
        sys.stdout.write(line)
        sys.stdout.flush()


def site_packages(interpreter: Path) -> list[Path]:
    """Package directories of an interpreter."""
    if not is_other(interpreter):
        return [Path(entry) for entry in sys.path if entry.endswith("-packages")]
    return sorted((interpreter.parent.parent / "lib").glob("python3*/site-packages"))


def dependencies(info: Any, *, transitive: bool) -> list[tuple[str, str]]:
    """Names and versions of installed packages; only those in requirements.txt unless `transitive`."""
    from importlib.metadata import distributions  # noqa: PLC0415 - start-up time

    paths = [str(path) for path in site_packages(python(info))]
    installed = sorted({(entry.name, entry.version) for entry in distributions(path=paths)})
    requirements = Path(info.program_directory) / "requirements.txt"
    if transitive or not requirements.exists():
        return installed
    names = re.findall(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)", requirements.read_text(), re.MULTILINE)
    wanted = {_normal(name) for name in names}
    return [(name, version) for name, version in installed if _normal(name) in wanted]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def install_commands(info: Any, directory: Path) -> list[list[str]]:
    """Commands that create the virtual environment, if one is set, and install the packages."""
    environment = virtualenv(info)
    commands: list[list[str]] = []
    interpreter = Path(sys.executable)
    if environment:
        interpreter = environment / "bin" / "python"
        if not interpreter.exists():
            commands.append([sys.executable, "-m", "venv", str(environment)])
    pip = [str(interpreter), "-m", "pip", "install", "--disable-pip-version-check"]
    if (directory / "requirements.txt").exists():
        commands.append([*pip, "-r", "requirements.txt"])
    return commands


def stream(
    command: Sequence[str],
    *,
    cwd: str,
    context: grpc.ServicerContext,
    env: Mapping[str, str] | None = None,
) -> Iterator[tuple[str, Any]]:
    """Runs a command; yields ("stdout"|"stderr", bytes) as they arrive and ("exitcode", int) at the end."""
    process = subprocess.Popen(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    context.add_callback(process.kill)
    with process, selectors.DefaultSelector() as pipes:
        streams: dict[str, Any] = {"stdout": process.stdout, "stderr": process.stderr}
        for name, pipe in streams.items():
            pipes.register(pipe, selectors.EVENT_READ, name)
        while pipes.get_map():
            for ready, _ in pipes.select():
                if data := os.read(ready.fd, 65536):
                    yield ready.data, data
                else:
                    pipes.unregister(ready.fileobj)
    yield "exitcode", process.wait()
