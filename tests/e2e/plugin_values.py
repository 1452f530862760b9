"""Property values in their form on the wire, which is a `google.protobuf.Struct`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from google.protobuf import json_format, struct_pb2

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Unknown:
    """The type of `UNKNOWN`, which a preview does not know yet."""


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that the engine keeps encrypted."""

    value: Value


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file. The engine gives it its hash."""

    text: str | None = None
    path: str | None = None
    hash: str = ""


@dataclass(frozen=True, kw_only=True)
class Archive:
    """Many files. The engine gives it its hash."""

    assets: Mapping[str, Asset | Archive] | None = None
    path: str | None = None
    hash: str = ""


Value: TypeAlias = (
    "bool | float | str | list[Value] | dict[str, Value] | Secret | Unknown | Asset | Archive | None"
)
Values: TypeAlias = dict[str, Value]


def encode(values: Mapping[str, Value]) -> struct_pb2.Struct:
    return json_format.ParseDict({key: _encode(value) for key, value in values.items()}, struct_pb2.Struct())


def decode(struct: struct_pb2.Struct) -> Values:
    return {key: _decode(value) for key, value in json_format.MessageToDict(struct).items()}


def _encode(value: Any) -> Any:
    match value:
        case Unknown():
            return _UNKNOWN
        case Secret():
            return {_SIGNATURE: _SECRET, "value": _encode(value.value)}
        case Asset() | Archive():
            signature = _ASSET if isinstance(value, Asset) else _ARCHIVE
            fields = {key: _encode(field) for key, field in vars(value).items() if field is not None}
            return {_SIGNATURE: signature, **fields}
        case list():
            return [_encode(item) for item in value]
        case dict():
            return {key: _encode(item) for key, item in value.items()}
    return value


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if not isinstance(value, dict):
        return UNKNOWN if value == _UNKNOWN else value
    fields = {key: _decode(item) for key, item in value.items()}
    signature = fields.pop(_SIGNATURE, None)
    return fields if signature is None else _special(signature, fields)


def _special(signature: str, fields: dict[str, Any]) -> Value:
    if signature == _SECRET:
        return Secret(fields["value"])
    if signature == _OUTPUT:
        known = fields.get("value", UNKNOWN)
        return Secret(known) if fields.get("secret") else known
    kind = {_ASSET: Asset, _ARCHIVE: Archive}[signature]
    return kind(**{key: value for key, value in fields.items() if value != ""})
