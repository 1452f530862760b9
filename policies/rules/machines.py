"""SSH connections and logging of remote commands. See machine_files.py for the files they transfer."""

import re
from collections.abc import Iterator

from ..model import Options, Resource, ResourceRule, Violation
from ..reading.commands import SCRIPTS, connections, named_values, texts
from ..reading.credential_names import is_secret_name
from ..reading.credentials import credential_in_entry, credential_in_text
from ..values import UNKNOWN, get

_VARIABLE = re.compile(r"\$\{?(\w+)")


def _host_key(resource: Resource, _options: Options) -> Iterator[Violation]:
    for path, connection in connections(resource):
        if not connection.get("hostKey"):
            message = "is not set: any machine that answers is trusted"
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
    if logging not in ("none", UNKNOWN) and _handles_secrets(resource):
        path = ("logging",)
        value = "not set: stdout and stderr are logged" if logging is None else resource.quote(path)
        yield Violation(path=path, message=f"is {value}, but the command handles secrets")


def _handles_secrets(resource: Resource) -> bool:
    """Whether a command receives secrets or refers to some: its output may contain them."""
    given = {"connection", "environment", "stdin", "triggers", *SCRIPTS}
    if any(path and path[0] in given for path in resource.secrets):
        return True
    variables = (name for _, text in texts(resource) for name in _VARIABLE.findall(text))
    return (
        any(is_secret_name(name) for name in variables)
        or any(credential_in_text(text) for _, text in texts(resource))
        or any(credential_in_entry(name, value) for _, name, value in named_values(resource))
    )


RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="machine-host-key",
        asks="SSH connections set the host key of the machine, and of its proxy.",
        why="Without it, a man in the middle gets the login, the files and the secrets.",
        remedy="Set connection.hostKey to a line of `ssh-keyscan` output, verified on the machine itself.",
        example="connection: {host: vm.example.com, user: deploy, hostKey: ssh-ed25519 AAAAC3Nz}",
        severity="critical",
        check=_host_key,
    ),
    ResourceRule(
        name="machine-user",
        asks="SSH connections log in as a dedicated user, not as root.",
        why="As root, a mistake or a stolen key affects the whole machine, and logs cannot name the user.",
        remedy="Set connection.user to a user with sudo for only the commands it needs.",
        example="connection: {host: vm.example.com, user: deploy, hostKey: ssh-ed25519 AAAAC3Nz}",
        severity="high",
        check=_user,
    ),
    ResourceRule(
        name="machine-logging",
        asks="Remote commands that handle secrets log no output.",
        why="The output of a command ends up in the pipeline's log, for everyone who can read it.",
        remedy="Set logging: none.",
        example="logging: none",
        severity="high",
        check=_logging,
    ),
)
