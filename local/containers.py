"""Containers of the embedded default, on their own network, labelled with a hash of their settings."""

import hashlib
import json
from dataclasses import dataclass

from local import docker, images
from local.process import CommandError
from local.site import Site

NETWORK = "goservice"
# For a container that runs containers: all privileges except one that some machines do not have.
NESTING = (
    "--cgroupns=host",
    "--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw",
    "--cap-add=ALL",
    "--cap-drop=SYS_RESOURCE",
    "--security-opt=seccomp=unconfined",
    "--security-opt=systempaths=unconfined",
    "--security-opt=apparmor=unconfined",
    "--tmpfs=/run",
    "--tmpfs=/tmp",
)


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container to run. arguments: of `docker run`. key: anything else that requires a new container."""

    name: str
    image: str
    arguments: tuple[str, ...]
    command: tuple[str, ...] = ()
    key: str = ""
    network: str = NETWORK

    @property
    def label(self) -> str:
        """Hash of all settings; a container with another label is replaced."""
        settings = json.dumps([self.image, self.arguments, self.command, self.key, self.network])
        return hashlib.sha256(settings.encode()).hexdigest()[:16]


def is_running(site: Site, container: Container) -> bool:
    """Whether it runs with exactly these settings."""
    found = docker.inspect(site, "container", container.name, "{{.State.Running}} " + images.KEY)
    return found == f"true {container.label}"


def start(site: Site, container: Container) -> None:
    """Runs the container. Starts a stopped one with the same settings, replaces one with others."""
    if container.network == NETWORK and not docker.inspect(site, "network", NETWORK, "{{.Name}}"):
        site.runner.run(["docker", "network", "create", NETWORK])
    label = docker.inspect(site, "container", container.name, images.KEY)
    if label == container.label:
        site.runner.run(["docker", "start", container.name])
        return
    if label is not None:
        site.runner.run(["docker", "rm", "--force", container.name])
    site.runner.run(
        [
            "docker", "run", "--detach", "--name", container.name,
            "--label", f"{images.KEY_LABEL}={container.label}",
            "--network", container.network, "--restart", "unless-stopped",
            *container.arguments, container.image, *container.command,
        ]
    )  # fmt: skip


def start_time(site: Site, name: str) -> str:
    """Time of a container's last start, RFC 3339 in seconds; empty if it does not exist."""
    moment = docker.inspect(site, "container", name, "{{.State.StartedAt}}")
    return f"{moment[:19]}Z" if moment else ""


def execute(site: Site, name: str, *command: str) -> str | None:
    """Output of a command in a container; None if it fails."""
    try:
        return site.runner.run(["docker", "exec", name, *command])
    except CommandError:
        return None


def logs(site: Site, name: str, lines: int = 12) -> str:
    """Last lines of a container's log."""
    return site.runner.run(["docker", "logs", "--tail", str(lines), name])
