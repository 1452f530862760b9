"""Containers of the embedded default, on a network of their own, labelled with the hash of their settings."""

import hashlib
import json
from dataclasses import dataclass

from local import images
from local.process import CommandError, Runner

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


def ensure_network(runner: Runner) -> None:
    if not _inspect(runner, "network", NETWORK, "{{.Name}}"):
        runner.run(["docker", "network", "create", NETWORK])


def is_running(runner: Runner, container: Container) -> bool:
    """Whether it runs, with these very settings."""
    template = '{{.State.Running}} {{index .Config.Labels "' + images.KEY_LABEL + '"}}'
    return _inspect(runner, "container", container.name, template) == f"true {container.label}"


def start(runner: Runner, container: Container) -> None:
    """Runs the container; one of the same settings that has stopped is started, another is replaced."""
    template = '{{index .Config.Labels "' + images.KEY_LABEL + '"}}'
    if _inspect(runner, "container", container.name, template) == container.label:
        runner.run(["docker", "start", container.name])
        return
    remove(runner, container.name)
    label = f"{images.KEY_LABEL}={container.label}"
    runner.run(
        [
            "docker", "run", "--detach", "--name", container.name, "--label", label,
            "--network", container.network, "--restart", "unless-stopped",
            *container.arguments, container.image, *container.command,
        ]
    )  # fmt: skip


def started(runner: Runner, name: str) -> str:
    """When a container was started last, RFC 3339 to the second; empty if it is not there."""
    return (
        f"{moment[:19]}Z" if (moment := _inspect(runner, "container", name, "{{.State.StartedAt}}")) else ""
    )


def remove(runner: Runner, name: str) -> bool:
    """Removes a container if it is there. Returns whether it was."""
    if _inspect(runner, "container", name, "{{.Name}}") is None:
        return False
    runner.run(["docker", "rm", "--force", name])
    return True


def _inspect(runner: Runner, kind: str, name: str, template: str) -> str | None:
    try:
        return runner.run(["docker", kind, "inspect", "--format", template, name]).strip()
    except CommandError:
        return None


def logs(runner: Runner, name: str, lines: int = 12) -> str:
    """Last lines a container wrote."""
    return runner.run(["docker", "logs", "--tail", str(lines), name])
