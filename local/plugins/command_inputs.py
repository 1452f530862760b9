"""The inputs of the command plugin's resources: their types, their defaults, and what a change means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from local.plugins.base import (
    Archive,
    Asset,
    Change,
    Diff,
    Failure,
    Secret,
    Unknown,
    Value,
    Values,
    diff_values,
    top_key,
    unwrap,
)
from local.plugins.inputs import ListOf, MapOf, ObjectOf, Type, fields, text, type_failures

LOCAL: Final = "command:local:Command"
REMOTE: Final = "command:remote:Command"
COPY: Final = "command:remote:CopyToRemote"

_HOST: Final[Mapping[str, Type]] = {
    "agentSocketPath": "string",
    "dialErrorLimit": "number",
    "host": "string",
    "hostKey": "string",
    "password": "string",
    "perDialTimeout": "number",
    "port": "number",
    "privateKey": "string",
    "privateKeyPassword": "string",
    "user": "string",
}
_CONNECTION: Final = ObjectOf({**_HOST, "proxy": ObjectOf(_HOST, frozenset({"host"}))}, frozenset({"host"}))
_CONNECTION_DEFAULTS: Final[Mapping[str, Value]] = {
    "dialErrorLimit": 10,
    "perDialTimeout": 15,
    "port": 22,
    "user": "root",
}
_COMMAND: Final[Mapping[str, Type]] = {
    "addPreviousOutputInEnv": "boolean",
    "create": "string",
    "delete": "string",
    "environment": MapOf("string"),
    "logging": "string",
    "stdin": "string",
    "triggers": ListOf("any"),
    "update": "string",
}
_FILES: Final[Mapping[str, Type]] = {
    "archivePaths": ListOf("string"),
    "assetPaths": ListOf("string"),
    "dir": "string",
    "interpreter": ListOf("string"),
}
_LOGGING: Final = ("stdout", "stderr", "stdoutAndStderr", "none")

_TYPES: Final[Mapping[str, ObjectOf]] = {
    LOCAL: ObjectOf({**_COMMAND, **_FILES}),
    REMOTE: ObjectOf({**_COMMAND, "connection": _CONNECTION}, frozenset({"connection"})),
    COPY: ObjectOf(
        {"connection": _CONNECTION, "remotePath": "string", "source": "any", "triggers": ListOf("any")},
        frozenset({"connection", "remotePath", "source"}),
    ),
}
RUN: Final = ObjectOf(
    {
        **_FILES,
        "addPreviousOutputInEnv": "boolean",
        "command": "string",
        "environment": MapOf("string"),
        "logging": "string",
        "stdin": "string",
    },
    frozenset({"command"}),
)


def check(token: str, news: Values) -> tuple[Values, list[Failure]]:
    """Fill in the defaults, keep the connection secret, and collect every problem."""
    failures = type_failures(dict(news), _TYPES[token])
    if failures:
        return news, failures
    inputs: Values = {**news}
    if token != COPY:
        inputs.setdefault("addPreviousOutputInEnv", True)
    if token != LOCAL and not isinstance(unwrap(news.get("connection")), Unknown):
        connection: Values = {**_CONNECTION_DEFAULTS, **fields(news, "connection")}
        if proxy := fields(connection, "proxy"):
            connection["proxy"] = {**_CONNECTION_DEFAULTS, **proxy}
        inputs["connection"] = Secret(connection)
    return inputs, [*logging_failures(inputs), *_source_failures(token, inputs)]


def logging_failures(inputs: Values) -> list[Failure]:
    """Refuse a `logging` that does not exist."""
    logging = text(inputs, "logging", _LOGGING[-1])
    if logging in _LOGGING:
        return []
    return [Failure("logging", f"{logging!r} must be one of {', '.join(_LOGGING)}")]


def diff(old_inputs: Values, news: Values) -> Diff:
    """Any change is an update, but one of `triggers` replaces a resource that has no `update` command."""
    changes = diff_values(unwrap(dict(old_inputs)), unwrap(dict(news)))
    triggers = [path for path in changes if top_key(path) == "triggers"]
    if news.get("update") is None:
        return Diff(changes=changes | {path: changes[path].replacing() for path in triggers})
    others = {path: change for path, change in changes.items() if path not in triggers}
    # As one change: the SDK makes the engine replace a resource for a change of any one trigger.
    return Diff(changes=others | ({"triggers": Change("update", "triggers")} if triggers else {}))


def _source_failures(token: str, inputs: Values) -> list[Failure]:
    source = unwrap(inputs.get("source"))
    if token != COPY or isinstance(source, Unknown):
        return []
    if isinstance(source, Asset) and (source.path is not None or source.text is not None):
        return []
    if isinstance(source, Archive) and source.path is not None:
        return []
    return [
        Failure("source", "must be a FileAsset, a StringAsset, or a FileArchive of a file or folder on disk")
    ]
