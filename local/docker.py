"""The Docker engine: the one that runs, or one of our own, wholly inside the state directory."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil

from local import docker_config, firewall
from local.paths import Paths
from local.privilege import privileged
from local.process import CommandError, Runner
from local.site import Site
from local.steps import Report, StepError

SYSTEM_SOCKET = Path("/var/run/docker.sock")
START_SECONDS = 60
STOP_SECONDS = 30


def done(site: Site) -> str | None:
    """Release and socket of the user's engine, or else of our own; None if neither answers."""
    users, own = users_socket(os.environ), site.paths.docker_socket
    if users and (found := version(users)):
        site.use(own_docker=False)
        return f"Docker {found}, {users}"
    if docker_config.has_context(site.paths) and (found := version(own)):
        site.use(own_docker=True)
        return f"Docker {found}, {own}"
    return None


def ensure(site: Site, report: Report) -> str:
    """Has our own engine run, and the docker CLI know the way to it."""
    site.use(own_docker=True)
    firewall.note(site)
    found = start(site, report)
    if not docker_config.has_context(site.paths):
        docker_config.create_context(site.runner, site.paths)
    return f"Docker {found}, {site.paths.docker_socket}"


def users_socket(env: Mapping[str, str]) -> Path | None:
    """The socket the user's environment means; None if DOCKER_HOST is not a local socket."""
    host = env.get("DOCKER_HOST")
    if not host:
        return SYSTEM_SOCKET
    return Path(host.removeprefix("unix://")) if host.startswith("unix://") else None


def answers(paths: Paths, env: Mapping[str, str] = os.environ) -> bool:
    """Whether an engine runs, the user's or our own."""
    users = users_socket(env)
    return bool((users and version(users)) or version(paths.docker_socket))


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


def inspect(site: Site, kind: str, name: str, template: str) -> str | None:
    """What the engine says of a container, image or network; None if there is no such thing."""
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
    """Process id of our running engine."""
    file = _pidfile(paths)
    try:
        process = psutil.Process(int(file.read_text()))
        return process.pid if str(file) in process.cmdline() else None
    except (FileNotFoundError, ValueError, psutil.Error):
        return None


def has_leftovers(paths: Paths) -> bool:
    """Whether containers of a killed engine still run: their guardians name our runtime directory."""
    lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    return pid(paths) is None and any(str(paths.docker / "run") in line for line in lines)


def start(site: Site, report: Report) -> str:
    """Starts our engine unless it runs, and waits until it answers. Returns its release."""
    paths, log = site.paths, site.log("dockerd")
    paths.docker.mkdir(parents=True, exist_ok=True)
    paths.logs.mkdir(parents=True, exist_ok=True)
    if pid(paths) is None:
        # Of an engine that was killed: a number that is some other process now, or a dead one nobody has
        # collected, would keep a new engine from starting.
        for stale in (_pidfile(paths), paths.docker / "run/containerd/containerd.pid"):
            site.runner.run(privileged(["rm", "-f", str(stale)]))
        _spawn(site.runner, paths, log)
    report("waiting for it to answer")
    socket = paths.docker_socket
    site.runner.wait_for(lambda: version(socket), 3)  # its process is there by then, or has ended again
    site.runner.wait_for(lambda: version(socket) or pid(paths) is None, START_SECONDS)
    if found := version(socket):
        return found
    raise StepError(
        f"dockerd does not answer:\n{tail(log)}",
        f"Its log is {log}. Mend what it names, or start a Docker engine yourself; run this again.",
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
    # Detached by a shell that ends at once: it outlives this run, and no one has to wait for it.
    detached = 'log=$1; shift; setsid "$@" >>"$log" 2>&1 </dev/null &'
    runner.run(["sh", "-c", detached, "sh", str(log), *privileged(command)])


def stop(site: Site) -> bool:
    """Stops our engine. Returns whether it ran."""
    if not (running := pid(site.paths)):
        return False
    for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5)):
        site.runner.run(privileged(["kill", f"-{number.value}", str(running)]))
        if site.runner.wait_for(lambda: pid(site.paths) is None, seconds):
            return True
    raise StepError(
        f"dockerd (process {running}) does not end", f"End it with `kill -9 {running}` and run this again."
    )


def tail(log: Path, lines: int = 12) -> str:
    """Last lines of the engine's log that are more than information."""
    if not log.exists():
        return "(no log)"
    said = log.read_text(errors="replace").splitlines()
    return "\n".join([line for line in said if "level=info" not in line][-lines:])
