"""Checks of this machine before anything starts; all problems are reported at once."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from local import docker, packages
from local.kubernetes import API_PORT, NODE_PORTS
from local.paths import Paths
from local.registry import PORT as REGISTRY_PORT

GO_VERSION = (1, 26)
COLD_GIGABYTES = 15
WARM_GIGABYTES = 3
SOCKET_PATH_LIMIT = 107


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A problem and its remedy."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}\n  → {self.remedy}"


def check(paths: Paths, env: Mapping[str, str] = os.environ) -> list[Problem]:
    """All problems that keep `up` from working on this machine."""
    if sys.platform != "linux":
        remedy = "Use a Linux machine, or set up Pulumi, Docker and a cluster yourself (see README.md)."
        return [Problem(what=f"The embedded default needs Linux; this is {sys.platform}.", remedy=remedy)]
    engine = list(engine_problems(env))
    running = not engine and docker.is_running(paths, env)
    needs_root = not running or not packages.has("git")
    return [
        *engine,
        *go_problems(_go_version()),
        *(root_problems(os.geteuid(), _sudo_works) if needs_root else ()),
        *disk_problems(_free_gigabytes(paths.state), cold=not (paths.cache / "tools").exists()),
        *path_problems(paths),
        *port_problems(paths, env),
    ]


def engine_problems(env: Mapping[str, str]) -> Iterator[Problem]:
    """A Docker engine that is configured or running but cannot be used."""
    host = env.get("DOCKER_HOST")
    path = docker.user_socket(env)
    if path is None:
        yield Problem(
            what=f"DOCKER_HOST={host} is not on this machine, where the registry and the node run.",
            remedy="Unset DOCKER_HOST or set it to a unix:// socket.",
        )
        return
    try:
        if not docker.version(path) and host:
            remedy = "Start that engine, or unset DOCKER_HOST to get one of our own."
            yield Problem(what=f"No Docker engine answers at DOCKER_HOST={host}.", remedy=remedy)
    except PermissionError:
        remedy = "Join its group (`sudo usermod -aG docker $USER`, then log in again) or run this as root."
        yield Problem(what=f"No permission to use the Docker engine at {path}.", remedy=remedy)


def go_problems(version: str | None) -> Iterator[Problem]:
    """Missing or old Go. version: output of `go env GOVERSION`; None without Go."""
    remedy = f"Install Go {'.'.join(map(str, GO_VERSION))} or newer (https://go.dev/dl) and put it on PATH."
    found = re.match(r"go(\d+)\.(\d+)", version or "")
    if version is None:
        yield Problem(what="Go is not installed.", remedy=remedy)
    elif found and (int(found[1]), int(found[2])) < GO_VERSION:
        yield Problem(what=f"Go is too old: {version}.", remedy=remedy)


def root_problems(uid: int, sudo_works: Callable[[], bool]) -> Iterator[Problem]:
    """Missing privileges: apt and our own Docker engine need root."""
    if uid != 0 and not sudo_works():
        yield Problem(
            what="Debian packages or a Docker engine are missing, and this user has neither root nor sudo.",
            remedy="Run this as root or with passwordless sudo, or install git and start a Docker engine.",
        )


def disk_problems(free: float, *, cold: bool) -> Iterator[Problem]:
    """Too little disk space. free: gigabytes at the state directory. cold: nothing is built yet."""
    needed = COLD_GIGABYTES if cold else WARM_GIGABYTES
    if free < needed:
        yield Problem(
            what=f"Not enough disk space: {free:.1f} GB free, about {needed} GB needed.",
            remedy="Free some, or put state (GOSERVICE_HOME) and cache (XDG_CACHE_HOME) elsewhere.",
        )


def path_problems(paths: Paths) -> Iterator[Problem]:
    """A state directory whose path is too long: containerd's socket has the longest path."""
    longest = paths.docker / "run/containerd/containerd-debug.sock.ttrpc"
    if len(str(longest)) > SOCKET_PATH_LIMIT:
        yield Problem(
            what=f"The state directory's path is too long for sockets: {paths.state}.",
            remedy="Set GOSERVICE_HOME to a shorter path.",
        )


def port_problems(paths: Paths, env: Mapping[str, str]) -> Iterator[Problem]:
    """Ports that other programs than our containers use."""
    wanted = [REGISTRY_PORT] + ([] if env.get("KUBECONFIG") else [API_PORT, *NODE_PORTS])
    taken = {port for port in wanted if _listens(port)}
    for path in (docker.user_socket(env), paths.docker_socket) if taken else ():
        taken -= docker.published_ports(path, "goservice-") if path else set()
    return describe_ports({port: listener(port) for port in sorted(taken)})


def describe_ports(taken: Mapping[int, str]) -> Iterator[Problem]:
    """A problem if ports are taken. taken: program by port."""
    if taken:
        listed = ", ".join(f"{port} by {program}" for port, program in taken.items())
        remedy = "Stop what uses them: the registry needs 5000, the Kubernetes node 6443 and 30080 to 30089."
        yield Problem(what=f"Ports on 127.0.0.1 are in use: {listed}.", remedy=remedy)


def listener(port: int) -> str:
    """Name of the program that listens on a port; `another program` if unknown."""
    for each in psutil.net_connections("tcp"):
        if each.laddr and each.laddr.port == port and each.status == psutil.CONN_LISTEN and each.pid:
            with contextlib.suppress(psutil.NoSuchProcess):  # it has just exited
                return f"{psutil.Process(each.pid).name()} (process {each.pid})"
    return "another program"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _go_version() -> str | None:
    if not shutil.which("go"):
        return None
    command = ["go", "env", "GOVERSION"]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, check=True).stdout.strip()


def _sudo_works() -> bool:
    if not shutil.which("sudo"):
        return False
    return subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0


def _free_gigabytes(path: Path) -> float:
    existing = next(parent for parent in (path, *path.parents) if parent.exists())
    return shutil.disk_usage(existing).free / 1e9
