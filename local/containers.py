"""Containers of the embedded default, on a network of their own, labelled with the hash of their settings."""

import hashlib
import json
from dataclasses import dataclass

from local import docker, images
from local.process import CommandError
from local.site import Site

NETWORK = "goservice"
# For a container that runs containers: all privileges but the one that some machines lack.
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
    """A container to run: `arguments` are those of `docker run`, `key` stands for what else it is made of."""

    name: str
    image: str
    arguments: tuple[str, ...]
    command: tuple[str, ...] = ()
    key: str = ""
    network: str = NETWORK

    @property
    def label(self) -> str:
        """Hash of all settings; a container with another one is replaced."""
        settings = json.dumps([self.image, self.arguments, self.command, self.key, self.network])
        return hashlib.sha256(settings.encode()).hexdigest()[:16]


def is_running(site: Site, container: Container) -> bool:
    """Whether it runs, with these very settings."""
    said = docker.inspect(site, "container", container.name, "{{.State.Running}} " + images.KEY)
    return said == f"true {container.label}"


def start(site: Site, container: Container) -> None:
    """Runs the container; one of the same settings that has stopped is started, another is replaced."""
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


def started(site: Site, name: str) -> str:
    """When a container was started last, RFC 3339 to the second; empty if it is not there."""
    moment = docker.inspect(site, "container", name, "{{.State.StartedAt}}")
    return f"{moment[:19]}Z" if moment else ""


def execute(site: Site, name: str, *command: str) -> str | None:
    """Output of a command run in a container; None if it fails."""
    try:
        return site.runner.run(["docker", "exec", name, *command])
    except CommandError:
        return None


def logs(site: Site, name: str, lines: int = 12) -> str:
    """Last lines a container wrote."""
    return site.runner.run(["docker", "logs", "--tail", str(lines), name])
