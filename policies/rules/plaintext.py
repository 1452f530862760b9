"""Credentials in plaintext: in pods, ConfigMaps, commands, and the state of the stack."""

from collections.abc import Callable, Iterator
from typing import Any

from ..model import Options, Resource, ResourceRule, Violation
from ..reading.commands import connections, named_values, texts
from ..reading.credentials import credential_in_entry, credential_in_text
from ..reading.workloads import Container, each_container
from ..values import MakeSecret, Path, entries, get, items, leaves, put, text


def _environment(container: Container) -> Iterator[Violation]:
    resource = container.pod.resource
    for index, variable in enumerate(items(get(container.props, "env"))):
        name, path = text(get(variable, "name")) or "", container.at("env", index, "value")
        yield from _readable(resource, path, lambda value, name=name: credential_in_entry(name, value))


def _arguments(container: Container) -> Iterator[Violation]:
    for key in ("command", "args"):
        before = ""
        for index, argument in enumerate(items(get(container.props, key))):
            path = container.at(key, index)
            option = f"{before} " if before.startswith("-") and not credential_in_text(before) else ""
            yield from _readable(
                container.pod.resource, path, lambda value, option=option: credential_in_text(option + value)
            )
            before = text(argument) or ""


def _config_map(resource: Resource, _options: Options) -> Iterator[Violation]:
    if (resource.group, resource.kind) != ("core", "ConfigMap"):
        return
    for key in entries(get(resource.props, "data")):
        yield from _readable(resource, ("data", key), lambda value, key=key: credential_in_entry(key, value))


def _readable(resource: Resource, path: Path, look: Callable[[str], str | None]) -> Iterator[Violation]:
    """Credentials where everyone in the namespace can read them, even if they are secret in the state."""
    value = text(get(resource.props, *path))
    if not value:
        return
    if path in resource.secrets:
        yield Violation(path=path, message="is a secret, but readable in the cluster")
    elif found := look(value):
        yield Violation(path=path, message=f"looks like {found}")


def _command(resource: Resource, _options: Options) -> Iterator[Violation]:
    found: list[tuple[Path, str | None]] = [
        *((path, credential_in_text(value)) for path, value in texts(resource)),
        *((path, credential_in_entry(name, value)) for path, name, value in named_values(resource)),
    ]
    for path, kind in found:
        if kind and not resource.is_secret(path):
            yield Violation(path=path, message=f"looks like {kind}, and is in plaintext in the state")


def _connection(resource: Resource, _options: Options) -> Iterator[Violation]:
    for path, connection in connections(resource):
        for key in ("password", "privateKey", "privateKeyPassword"):
            if text(connection.get(key)) and not resource.is_secret((*path, key)):
                yield Violation(path=(*path, key), message="is in plaintext in the state")


def _kubernetes_secret(resource: Resource, _options: Options) -> Iterator[Violation]:
    """Only for resources of the engine: it is unknown where a manifest is stored."""
    if (resource.group, resource.kind) != ("core", "Secret") or not resource.origin.startswith("urn:"):
        return
    for key in ("data", "stringData"):
        for path, value in leaves(get(resource.props, key), (key,)):
            if text(value) and not resource.is_secret(path):
                yield Violation(path=path, message="is in plaintext in the state")


def _mark_secret(check: Callable[[Resource, Options], Iterator[Violation]]) -> Callable[[Resource], Any]:
    """A fix that marks as secret what a check finds."""

    def fix(resource: Resource) -> dict[str, Any] | None:
        props: Any = resource.props
        for violation in check(resource, {}):
            props = put(props, violation.path, MakeSecret(get(props, *violation.path)))
        return None if props is resource.props else props

    return fix


_WHY_IN_CLUSTER = "Everyone who can read the object can read it, and it ends up in logs and backups."
_WHY_IN_STATE = "It is in plaintext in the state, in previews and in the pipeline's logs."
_REMEDY_IN_CLUSTER = (
    "Replace the credential, put the new one into a Secret, and use secretKeyRef or a volume."
)

RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="secret-environment",
        asks="Environment variables of containers contain no plaintext credential.",
        why=_WHY_IN_CLUSTER,
        remedy=_REMEDY_IN_CLUSTER,
        example="env: [{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: shop, key: DB_PASSWORD}}}]",
        severity="critical",
        check=each_container(_environment),
    ),
    ResourceRule(
        name="secret-arguments",
        asks="Command and arguments of containers contain no plaintext credential.",
        why="Everyone can read arguments in the manifest and in the process list.",
        remedy="Put the value into a Secret, and let the program read it from a file or its environment.",
        example="args: [--db-password-file=/run/secrets/db/password]",
        severity="critical",
        check=each_container(_arguments),
    ),
    ResourceRule(
        name="secret-config-map",
        asks="ConfigMaps contain no credential.",
        why=_WHY_IN_CLUSTER,
        remedy="Replace the credential, and put the new one into a Secret.",
        example="data: {DB_HOST: db}",
        severity="critical",
        check=_config_map,
    ),
    ResourceRule(
        name="secret-command",
        asks="Commands, their input, environment and triggers contain no plaintext credential.",
        why=_WHY_IN_STATE,
        remedy="Set it with `pulumi config set --secret`, and pass it as an Output in stdin or environment.",
        example="environment: {DB_HOST: db}",
        severity="critical",
        check=_command,
        fix=_mark_secret(_command),
    ),
    ResourceRule(
        name="secret-connection",
        asks="Passwords and private keys of SSH connections are marked secret.",
        why=_WHY_IN_STATE,
        remedy="Set it with `pulumi config set --secret`, or use an SSH agent.",
        example="connection: {host: vm.example.com, user: deploy, agentSocketPath: /run/agent.sock}",
        severity="critical",
        check=_connection,
        fix=_mark_secret(_connection),
    ),
    ResourceRule(
        name="secret-in-state",
        asks="The values of a Kubernetes Secret are marked secret.",
        why=_WHY_IN_STATE,
        remedy="Set them with `pulumi config set --secret`, or wrap them in pulumi.Output.secret.",
        example="stringData: {}",
        severity="critical",
        check=_kubernetes_secret,
        fix=_mark_secret(_kubernetes_secret),
    ),
)
