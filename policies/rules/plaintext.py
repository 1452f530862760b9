"""Credentials in clear: in pods, in ConfigMaps, in commands, and in the state of the stack."""

from collections.abc import Callable, Iterator
from typing import Any

from ..model import Options, Resource, ResourceRule, Violation
from ..reading.commands import connections, named_values, texts
from ..reading.credentials import of_entry, of_text
from ..reading.workloads import Container, each_container
from ..values import MakeSecret, Path, entries, get, items, leaves, put, text


def _environment(container: Container) -> Iterator[Violation]:
    for index, variable in enumerate(items(get(container.props, "env"))):
        name, path = text(get(variable, "name")) or "", container.at("env", index, "value")
        yield from _readable(container.pod.resource, path, lambda value, name=name: of_entry(name, value))


def _arguments(container: Container) -> Iterator[Violation]:
    for key in ("command", "args"):
        before = ""
        for index, argument in enumerate(items(get(container.props, key))):
            path = container.at(key, index)
            option = f"{before} " if before.startswith("-") and not of_text(before) else ""
            yield from _readable(
                container.pod.resource, path, lambda value, option=option: of_text(option + value)
            )
            before = text(argument) or ""


def _config_map(resource: Resource, _options: Options) -> Iterator[Violation]:
    if (resource.group, resource.kind) != ("core", "ConfigMap"):
        return
    for key in entries(get(resource.props, "data")):
        yield from _readable(resource, ("data", key), lambda value, key=key: of_entry(key, value))


def _readable(resource: Resource, path: Path, look: Callable[[str], str | None]) -> Iterator[Violation]:
    """What may not stand where everyone in the namespace reads it, kept secret in the state or not."""
    value = text(get(resource.props, *path))
    if not value:
        return
    if path in resource.secrets:
        yield Violation(path=path, message="is a secret, and readable in the cluster")
    elif found := look(value):
        yield Violation(path=path, message=f"looks like {found}")


def _command(resource: Resource, _options: Options) -> Iterator[Violation]:
    found: list[tuple[Path, str | None]] = [
        *((path, of_text(value)) for path, value in texts(resource)),
        *((path, of_entry(name, value)) for path, name, value in named_values(resource)),
    ]
    for path, kind in found:
        if kind and not resource.is_secret(path):
            yield Violation(path=path, message=f"looks like {kind}, and is in clear in the state")


def _connection(resource: Resource, _options: Options) -> Iterator[Violation]:
    for path, connection in connections(resource):
        for key in ("password", "privateKey", "privateKeyPassword"):
            if text(connection.get(key)) and not resource.is_secret((*path, key)):
                yield Violation(path=(*path, key), message="is in clear in the state")


def _kubernetes_secret(resource: Resource, _options: Options) -> Iterator[Violation]:
    """Only of resources that the engine registers: of a manifest nobody knows where it is kept."""
    if (resource.group, resource.kind) != ("core", "Secret") or not resource.origin.startswith("urn:"):
        return
    for key in ("data", "stringData"):
        for path, value in leaves(get(resource.props, key), (key,)):
            if text(value) and not resource.is_secret(path):
                yield Violation(path=path, message="is in clear in the state")


def _keeping(check: Callable[[Resource, Options], Iterator[Violation]]) -> Callable[[Resource], Any]:
    """A fix that has the engine keep secret what a check finds."""

    def fix(resource: Resource) -> dict[str, Any] | None:
        props: Any = resource.props
        for violation in check(resource, {}):
            props = put(props, violation.path, MakeSecret(get(props, *violation.path)))
        return None if props is resource.props else props

    return fix


_WHY_IN_CLUSTER = "Everyone who may read the object reads it, and so do logs and backups of the manifest."
_WHY_IN_STATE = "It is in clear in the state, in previews and in logs of the pipeline."
_REMEDY_IN_CLUSTER = "Put a new value into a Secret, and refer to it by secretKeyRef or a volume."

RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="secret-environment",
        asks="Environment variables of containers hold no credential in clear.",
        why=_WHY_IN_CLUSTER,
        remedy=_REMEDY_IN_CLUSTER,
        example="env: [{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: shop, key: DB_PASSWORD}}}]",
        severity="critical",
        check=each_container(_environment),
    ),
    ResourceRule(
        name="secret-arguments",
        asks="Command and arguments of containers hold no credential in clear.",
        why="Arguments are in the manifest and in the list of processes, for everyone to read.",
        remedy="Put the value into a Secret, and have the program read it from a file or its environment.",
        example="args: [--db-password-file=/run/secrets/db/password]",
        severity="critical",
        check=each_container(_arguments),
    ),
    ResourceRule(
        name="secret-config-map",
        asks="ConfigMaps hold no credential.",
        why=_WHY_IN_CLUSTER,
        remedy="Put a new value into a Secret.",
        example="data: {DB_HOST: db}",
        severity="critical",
        check=_config_map,
    ),
    ResourceRule(
        name="secret-command",
        asks="Commands, their input, environment and triggers hold no credential in clear.",
        why=_WHY_IN_STATE,
        remedy="Set it with `pulumi config set --secret`, and pass it as an Output in stdin or environment.",
        example="environment: {DB_HOST: db}",
        severity="critical",
        check=_command,
        fix=_keeping(_command),
    ),
    ResourceRule(
        name="secret-connection",
        asks="Passwords and private keys of SSH connections are kept secret by the engine.",
        why=_WHY_IN_STATE,
        remedy="Set it with `pulumi config set --secret`, or use an SSH agent.",
        example="connection: {host: vm.example.com, user: deploy, agentSocketPath: /run/agent.sock}",
        severity="critical",
        check=_connection,
        fix=_keeping(_connection),
    ),
    ResourceRule(
        name="secret-in-state",
        asks="The values of a Kubernetes Secret are kept secret by the engine.",
        why=_WHY_IN_STATE,
        remedy="Set them with `pulumi config set --secret`, or wrap them in pulumi.Output.secret.",
        example="stringData: {}",
        severity="critical",
        check=_kubernetes_secret,
        fix=_keeping(_kubernetes_secret),
    ),
)
