"""Machines reached over SSH: how commands log in, and what they log; machine_files.py has what they bring."""

import re
from collections.abc import Iterator

from ..model import Options, Resource, ResourceRule, Violation
from ..reading.commands import SCRIPTS, connections, named_values, texts
from ..reading.credential_names import is_secret_name
from ..reading.credentials import of_entry, of_text
from ..values import UNKNOWN, get

_VARIABLE = re.compile(r"\$\{?(\w+)")


def _host_key(resource: Resource, _options: Options) -> Iterator[Violation]:
    for path, connection in connections(resource):
        if not connection.get("hostKey"):
            message = "is not set: any machine that answers is believed"
            yield Violation(path=(*path, "hostKey"), message=message)


def _user(resource: Resource, _options: Options) -> Iterator[Violation]:
    for path, connection in connections(resource):
        user = connection.get("user")
        if not user or user == "root":
            message = "is root" if user else "is not set, which means root"
            yield Violation(path=(*path, "user"), message=message)


def _logging(resource: Resource, _options: Options) -> Iterator[Violation]:
    if resource.type != "command:remote:Command":
        return
    logging = get(resource.props, "logging")
    if logging not in ("none", UNKNOWN) and _is_near_secrets(resource):
        path = ("logging",)
        said = "is not set, which means both outputs," if logging is None else f"is {resource.quoted(path)}"
        yield Violation(path=path, message=f"{said} and secrets are near")


def _is_near_secrets(resource: Resource) -> bool:
    """Whether a command is given secrets, or speaks of some: its output may repeat them."""
    given = {"connection", "environment", "stdin", "triggers", *SCRIPTS}
    if any(path and path[0] in given for path in resource.secrets):
        return True
    spoken = (name for _, text in texts(resource) for name in _VARIABLE.findall(text))
    return (
        any(is_secret_name(name) for name in spoken)
        or any(of_text(text) for _, text in texts(resource))
        or any(of_entry(name, value) for _, name, value in named_values(resource))
    )


RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="machine-host-key",
        asks="SSH connections name the host key of the machine, and of the proxy on the way.",
        why="Without it, whoever stands in the way gets the login, the files and the secrets.",
        remedy="Set connection.hostKey to a line of `ssh-keyscan` that was checked on the machine itself.",
        example="connection: {host: vm.example.com, user: deploy, hostKey: ssh-ed25519 AAAAC3Nz}",
        severity="critical",
        check=_host_key,
    ),
    ResourceRule(
        name="machine-user",
        asks="SSH connections log in as a user of their own, not as root.",
        why="As root, a mistake or a stolen key takes the whole machine, and logs do not tell who it was.",
        remedy="Set connection.user to a user who may run just the commands it needs with sudo.",
        example="connection: {host: vm.example.com, user: deploy, hostKey: ssh-ed25519 AAAAC3Nz}",
        severity="high",
        check=_user,
    ),
    ResourceRule(
        name="machine-logging",
        asks="Remote commands that are given secrets, or speak of some, log no output.",
        why="What a command prints is logged by the pipeline, for all who may read it.",
        remedy="Set logging: none.",
        example="logging: none",
        severity="high",
        check=_logging,
    ),
)
