"""The Docker engine: the one that runs, or one of our own."""

import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.paths import Paths
from local.privilege import privileged
from local.process import Runner
from local.steps import Report, StepError

SYSTEM_SOCKET = Path("/var/run/docker.sock")
START_SECONDS = 60
STOP_SECONDS = 30


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=5)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _get(path: Path, url: str) -> Any:
    """The answer of the engine on a socket; None if none answers. Raises PermissionError."""
    try:
        with closing(_UnixConnection(path)) as connection:
            connection.request("GET", url)
            return json.loads(connection.getresponse().read())
    except PermissionError:
        raise
    except (OSError, http.client.HTTPException, ValueError):
        return None


def version(path: Path) -> str | None:
    """Release of the engine that answers on a socket; None if none does. Raises PermissionError."""
    answer = _get(path, "/version")
    return str(answer["Version"]) if answer else None


def published_ports(path: Path, prefix: str) -> set[int]:
    """Ports of this machine that the running containers whose names start with `prefix` publish."""
    listed: list[dict[str, Any]] = _get(path, "/containers/json") or []
    return {
        int(port["PublicPort"])
        for container in listed
        if any(name.startswith(f"/{prefix}") for name in container["Names"])
        for port in container.get("Ports") or []
        if "PublicPort" in port
    }


def users_socket(env: Mapping[str, str]) -> Path | None:
    """The socket the user's environment means; None if DOCKER_HOST is not a local socket."""
    host = env.get("DOCKER_HOST")
    if not host:
        return SYSTEM_SOCKET
    return Path(host.removeprefix("unix://")) if host.startswith("unix://") else None


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A Docker engine of our own, wholly inside the state directory."""

    paths: Paths

    @property
    def pidfile(self) -> Path:
        return self.paths.docker / "dockerd.pid"

    @property
    def log(self) -> Path:
        return self.paths.logs / "dockerd.log"

    def pid(self) -> int | None:
        """Process id of our running engine."""
        try:
            pid = int(self.pidfile.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return None
        return pid if str(self.pidfile) in command else None

    def has_leftovers(self) -> bool:
        """Whether containers of a killed engine still run: their guardians name our runtime directory."""
        run = str(self.paths.docker / "run").encode()
        return self.pid() is None and any(run in _command_line(path) for path in Path("/proc").glob("[0-9]*"))

    def start(self, runner: Runner, report: Report) -> str:
        """Starts the engine and waits until it answers. Returns its release."""
        self.paths.docker.mkdir(parents=True, exist_ok=True)
        self.paths.logs.mkdir(parents=True, exist_ok=True)
        if self.pid() is None:
            # Of an engine that was killed: a number that is some other process now, or a dead one nobody has
            # collected, would keep a new engine from starting.
            for stale in (self.pidfile, self.paths.docker / "run/containerd/containerd.pid"):
                runner.run(privileged(["rm", "-f", str(stale)]))
            self._spawn(runner)
        start = time.monotonic()
        while time.monotonic() - start < START_SECONDS:
            if found := version(self.paths.docker_socket):
                return found
            report("waiting for it to answer")
            runner.wait(0.25)
            if time.monotonic() - start > 3 and self.pid() is None:
                break
        raise StepError(
            f"dockerd does not answer:\n{tail(self.log)}",
            f"Its log is {self.log}. Mend what it names, or start a Docker engine yourself; run this again.",
        )

    def _spawn(self, runner: Runner) -> None:
        command = [
            "dockerd",
            f"--data-root={self.paths.docker / 'data'}",
            f"--exec-root={self.paths.docker / 'run'}",
            "--pidfile",
            str(self.pidfile),
            f"--host=unix://{self.paths.docker_socket}",
            f"--group={os.getgid()}",
        ]
        # Detached by a shell that ends at once: it outlives this run, and no one has to wait for it.
        detached = 'log=$1; shift; setsid "$@" >>"$log" 2>&1 </dev/null &'
        runner.run(["sh", "-c", detached, "sh", str(self.log), *privileged(command)])

    def stop(self, runner: Runner) -> bool:
        """Stops the engine. Returns whether it ran."""
        pid = self.pid()
        if pid is None:
            return False
        for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5)):
            runner.run(privileged(["kill", f"-{number.value}", str(pid)]))
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                if self.pid() is None:
                    return True
                runner.wait(0.2)
        raise StepError(
            f"dockerd (process {pid}) does not end", f"End it with `kill -9 {pid}` and run this again."
        )


def _command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""  # it has just ended


def tail(log: Path, lines: int = 12) -> str:
    """Last lines of the engine's log that are more than information."""
    if not log.exists():
        return "(no log)"
    said = log.read_text(errors="replace").splitlines()
    return "\n".join([line for line in said if "level=info" not in line][-lines:])
