"""The Docker engine: the user's, or our own, with all its files in the state directory."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil

from local import docker_config, firewall
from local.paths import Paths
from local.privilege import as_root
from local.process import CommandError, Runner
from local.site import Site
from local.steps import Report, StepError

SYSTEM_SOCKET = Path("/var/run/docker.sock")
START_SECONDS = 60
STOP_SECONDS = 30


def done(site: Site) -> str | None:
    """Version and socket of the user's engine, or else of our own; None if neither responds."""
    users, own = user_socket(os.environ), site.paths.docker_socket
    if users and (found := version(users)):
        site.use(own_docker=False)
        return f"Docker {found}, {users}"
    if docker_config.has_context(site.paths) and (found := version(own)):
        site.use(own_docker=True)
        return f"Docker {found}, {own}"
    return None


def ensure(site: Site, report: Report) -> str:
    """Starts our own engine, and creates a context for it in the docker CLI."""
    site.use(own_docker=True)
    firewall.save(site)
    found = start(site, report)
    if not docker_config.has_context(site.paths):
        docker_config.create_context(site.runner, site.paths)
    return f"Docker {found}, {site.paths.docker_socket}"


def user_socket(env: Mapping[str, str]) -> Path | None:
    """Socket of the user's engine; None if DOCKER_HOST is not a local socket."""
    host = env.get("DOCKER_HOST")
    if not host:
        return SYSTEM_SOCKET
    return Path(host.removeprefix("unix://")) if host.startswith("unix://") else None


def is_running(paths: Paths, env: Mapping[str, str] = os.environ) -> bool:
    """Whether the user's engine or our own runs."""
    users = user_socket(env)
    return bool((users and version(users)) or version(paths.docker_socket))


def version(path: Path) -> str | None:
    """Version of the engine on a socket; None if none responds. Raises PermissionError."""
    answer = _get(path, "/version")
    return str(answer["Version"]) if answer else None


def published_ports(path: Path, prefix: str) -> set[int]:
    """Host ports that running containers publish, of those whose names start with `prefix`."""
    listed: list[dict[str, Any]] = _get(path, "/containers/json") or []
    return {
        int(port["PublicPort"])
        for container in listed
        if any(name.startswith(f"/{prefix}") for name in container["Names"])
        for port in container.get("Ports") or []
        if "PublicPort" in port
    }


def inspect(site: Site, kind: str, name: str, template: str) -> str | None:
    """Output of `docker KIND inspect` for a container, image or network; None if it does not exist."""
    try:
        return site.runner.run(["docker", kind, "inspect", "--format", template, name]).strip()
    except CommandError:
        return None


def _get(path: Path, url: str) -> Any:
    if not path.is_socket():
        return None
    if not os.access(path, os.W_OK):
        raise PermissionError(f"no permission to use the Docker engine at {path}")
    try:
        transport = httpx.HTTPTransport(uds=str(path), verify=False)
        with httpx.Client(transport=transport, trust_env=False) as http:
            return http.get(f"http://docker{url}").json()
    except (httpx.HTTPError, ValueError):
        return None


def _pidfile(paths: Paths) -> Path:
    return paths.docker / "dockerd.pid"


def pid(paths: Paths) -> int | None:
    """Process ID of our engine; None if it does not run."""
    file = _pidfile(paths)
    try:
        process = psutil.Process(int(file.read_text()))
        return process.pid if str(file) in process.cmdline() else None
    except (FileNotFoundError, ValueError, psutil.Error):
        return None


def has_leftovers(paths: Paths) -> bool:
    """Whether containers of a killed engine still run: their shims have our runtime directory as argument."""
    lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    return pid(paths) is None and any(str(paths.docker / "run") in line for line in lines)


def start(site: Site, report: Report) -> str:
    """Starts our engine unless it runs, and waits until it responds. Returns its version."""
    paths, log = site.paths, site.log("dockerd")
    paths.docker.mkdir(parents=True, exist_ok=True)
    paths.logs.mkdir(parents=True, exist_ok=True)
    if pid(paths) is None:
        # A killed engine leaves these. A new one does not start if the process ID in them is a zombie, or
        # belongs to another process now.
        for stale in (_pidfile(paths), paths.docker / "run/containerd/containerd.pid"):
            site.runner.run(as_root(["rm", "-f", str(stale)]))
        _spawn(site.runner, paths, log)
    report("waiting for it to respond")
    socket = paths.docker_socket
    site.runner.wait_for(lambda: version(socket), 3)  # by then its process exists, or has failed
    site.runner.wait_for(lambda: version(socket) or pid(paths) is None, START_SECONDS)
    if found := version(socket):
        return found
    raise StepError(
        f"dockerd does not answer:\n{tail(log)}",
        f"Fix the error in its log, {log}, or start a Docker engine yourself; then run this again.",
    )


def _spawn(runner: Runner, paths: Paths, log: Path) -> None:
    command = [
        "dockerd",
        f"--data-root={paths.docker / 'data'}",
        f"--exec-root={paths.docker / 'run'}",
        "--pidfile",
        str(_pidfile(paths)),
        f"--host=unix://{paths.docker_socket}",
        f"--group={os.getgid()}",
    ]
    # Detached by a shell that exits at once, so that it outlives this run.
    detached = 'log=$1; shift; setsid "$@" >>"$log" 2>&1 </dev/null &'
    runner.run(["sh", "-c", detached, "sh", str(log), *as_root(command)])


def stop(site: Site) -> bool:
    """Stops our engine. Returns whether it ran."""
    if not (running := pid(site.paths)):
        return False
    for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5)):
        site.runner.run(as_root(["kill", f"-{number.value}", str(running)]))
        if site.runner.wait_for(lambda: pid(site.paths) is None, seconds):
            return True
    raise StepError(
        f"dockerd (process {running}) does not stop", f"Run `kill -9 {running}`, then run this again."
    )


def tail(log: Path, lines: int = 12) -> str:
    """Last lines of the engine's log, without level=info."""
    if not log.exists():
        return "(no log)"
    text = log.read_text(errors="replace").splitlines()
    return "\n".join([line for line in text if "level=info" not in line][-lines:])
