"""What must hold before anything starts; every problem is told at once."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

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
    """What is wrong, and what to do about it."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}\n  → {self.remedy}"


def check(paths: Paths, env: Mapping[str, str] = os.environ) -> list[Problem]:
    """All that stands in the way of `up` on this machine."""
    if sys.platform != "linux":
        remedy = "Use it in a Linux machine, or set up Pulumi, Docker and a cluster yourself (see README.md)."
        return [Problem(what=f"The embedded default needs Linux; this is {sys.platform}.", remedy=remedy)]
    engine = engine_problems(env)
    running = not engine and engine_answers(paths, env)
    needs_root = not running or not packages.has("git")
    return [
        *engine,
        *go_problems(_go_version()),
        *(root_problems(os.geteuid(), _sudo_works) if needs_root else []),
        *disk_problems(_free_gigabytes(paths.state), cold=not (paths.cache / "tools").exists()),
        *path_problems(paths),
        *port_problems(paths, env),
    ]


def engine_answers(paths: Paths, env: Mapping[str, str]) -> bool:
    socket_path = docker.users_socket(env)
    return bool((socket_path and docker.version(socket_path)) or docker.version(paths.docker_socket))


def engine_problems(env: Mapping[str, str]) -> list[Problem]:
    """A Docker engine that is there but cannot be used."""
    host = env.get("DOCKER_HOST")
    path = docker.users_socket(env)
    if path is None:
        return [
            Problem(
                what=f"DOCKER_HOST={host} is not on this machine, where registry and node run.",
                remedy="Unset DOCKER_HOST or set it to a unix:// socket.",
            )
        ]
    try:
        answers = docker.version(path)
    except PermissionError:
        remedy = "Join its group (`sudo usermod -aG docker $USER`, then log in again) or run this as root."
        return [Problem(what=f"No permission to use the Docker engine at {path}.", remedy=remedy)]
    if host and not answers:
        remedy = "Start that engine, or unset DOCKER_HOST to get one of our own."
        return [Problem(what=f"No Docker engine answers at DOCKER_HOST={host}.", remedy=remedy)]
    return []


def go_problems(version: str | None) -> list[Problem]:
    """version: what `go env GOVERSION` says, None without Go."""
    remedy = f"Install Go {'.'.join(map(str, GO_VERSION))} or newer (https://go.dev/dl) and put it on PATH."
    if version is None:
        return [Problem(what="Go is not installed.", remedy=remedy)]
    found = re.match(r"go(\d+)\.(\d+)", version)
    if found and (int(found[1]), int(found[2])) < GO_VERSION:
        return [Problem(what=f"Go is too old: {version}.", remedy=remedy)]
    return []


def root_problems(uid: int, sudo_works: Callable[[], bool]) -> list[Problem]:
    """apt and an own Docker engine need root."""
    if uid == 0 or sudo_works():
        return []
    return [
        Problem(
            what="Debian packages or a Docker engine are missing, and this user is not root nor has sudo.",
            remedy="Run this as root or with passwordless sudo, or install git and start a Docker engine.",
        )
    ]


def disk_problems(free: float, *, cold: bool) -> list[Problem]:
    """free: gigabytes where the state is. cold: nothing is built yet."""
    needed = COLD_GIGABYTES if cold else WARM_GIGABYTES
    if free >= needed:
        return []
    return [
        Problem(
            what=f"Not enough disk space: {free:.1f} GB free, about {needed} GB needed.",
            remedy="Free some, or put state (GOSERVICE_HOME) and cache (XDG_CACHE_HOME) elsewhere.",
        )
    ]


def path_problems(paths: Paths) -> list[Problem]:
    """A Unix socket's path has a limit, and containerd's is the longest."""
    longest = paths.docker / "run/containerd/containerd-debug.sock.ttrpc"
    if len(str(longest)) <= SOCKET_PATH_LIMIT:
        return []
    return [
        Problem(
            what=f"The state directory's path is too long for sockets: {paths.state}.",
            remedy="Set GOSERVICE_HOME to a shorter path.",
        )
    ]


def port_problems(paths: Paths, env: Mapping[str, str]) -> list[Problem]:
    """Ports that something else than our own containers listens on."""
    wanted = [REGISTRY_PORT] + ([] if env.get("KUBECONFIG") else [API_PORT, *NODE_PORTS])
    taken = [port for port in wanted if _listens(port)]
    ours = _our_ports(paths, env) if taken else set[int]()
    return describe_ports({port: listener(port) for port in taken if port not in ours})


def describe_ports(taken: Mapping[int, str]) -> list[Problem]:
    """taken: port to the program that has it."""
    if not taken:
        return []
    listed = ", ".join(f"{port} by {program}" for port, program in taken.items())
    remedy = "Stop what uses them: the registry needs 5000, the Kubernetes node 6443 and 30080 to 30089."
    return [Problem(what=f"Ports on 127.0.0.1 are in use: {listed}.", remedy=remedy)]


def listener(port: int, proc: Path = Path("/proc")) -> str:
    """The program that listens on a port, as far as it can be known."""
    inodes: set[str] = set()
    for table in ("net/tcp", "net/tcp6"):
        for line in (proc / table).read_text().splitlines()[1:] if (proc / table).exists() else []:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for process in proc.glob("[0-9]*"):
        try:
            if any(str(entry.readlink()) in inodes for entry in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
        except OSError:
            continue  # another user's process, or one that has just ended
    return "another program"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _our_ports(paths: Paths, env: Mapping[str, str]) -> set[int]:
    users = docker.users_socket(env)
    sockets = [path for path in (users, paths.docker_socket) if path]
    return {port for path in sockets for port in docker.published_ports(path, "goservice-")}


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
