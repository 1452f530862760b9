"""Property values as the plugins see them, and their form on the wire (`google.protobuf.Struct`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from google.protobuf import struct_pb2

SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a public constant
OUTPUT_SIGNATURE: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
RESOURCE_SIGNATURE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
ASSET_SIGNATURE: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE_SIGNATURE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"

# Above this a number on the wire (a double) no longer stands for one certain integer.
_EXACT_INTEGERS: Final = 2**53

# One sentinel string per type of the unknown value; the type itself is of no use to a plugin.
_UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_SENTINELS: Final = frozenset(
    {
        _UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


class Unknown:
    """The type of `UNKNOWN`, a value that a preview cannot know yet. There is only that one instance."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that the engine keeps encrypted. It never wraps another `Secret`."""

    value: Value = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file's content: exactly one of `text`, `path`, `uri`, or `hash` alone for one from an old state."""

    text: str | None = None
    path: str | None = None
    uri: str | None = None
    hash: str = ""


@dataclass(frozen=True, kw_only=True)
class Archive:
    """Many files: exactly one of `assets`, `path`, `uri`, or `hash` alone for one from an old state."""

    assets: Mapping[str, Asset | Archive] | None = None
    path: str | None = None
    uri: str | None = None
    hash: str = ""


# Numbers arrive as `int` where they are whole, else as `float`; a plugin may return either.
Value: TypeAlias = (
    bool | int | float | str | list["Value"] | dict[str, "Value"] | Secret | Unknown | Asset | Archive | None
)
Values: TypeAlias = dict[str, Value]


def decode(struct: struct_pb2.Struct) -> Values:
    """Turn the engine's struct into values. Raises `ValueError` on a malformed special value."""
    return {key: _decode(key, value) for key, value in struct.fields.items()}


def encode(values: Mapping[str, Value]) -> struct_pb2.Struct:
    """Turn values into the engine's struct. Raises `TypeError` on anything that is not a `Value`."""
    return struct_pb2.Struct(fields={key: _encode(key, value) for key, value in values.items()})


def unwrap(value: Value) -> Value:
    """Return the value with every `Secret` inside it replaced by its content."""
    if isinstance(value, Secret):
        return unwrap(value.value)
    if isinstance(value, dict):
        return {key: unwrap(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unwrap(item) for item in value]
    return value


def is_secret(value: Value) -> bool:
    """Tell whether the value is a secret or holds one anywhere inside."""
    return isinstance(value, Secret) or any(is_secret(item) for item in _children(value))


def has_unknown(value: Value) -> bool:
    """Tell whether the value is unknown or holds an unknown anywhere inside, secrets included."""
    if isinstance(value, Secret):
        return has_unknown(value.value)
    return isinstance(value, Unknown) or any(has_unknown(item) for item in _children(value))


def _children(value: Value) -> Iterable[Value]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _decode(key: str, value: struct_pb2.Value) -> Value:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWN_SENTINELS else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() and abs(number) <= _EXACT_INTEGERS else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_decode(key, item) for item in value.list_value.values]
    if kind == "struct_value":
        return _decode_object(key, {k: _decode(k, v) for k, v in value.struct_value.fields.items()})
    return None


def _decode_object(key: str, fields: Values) -> Value:
    match fields.get(SIGNATURE_KEY):
        case None:
            return fields
        case str(signature) if signature == SECRET_SIGNATURE:
            if "value" not in fields:
                raise ValueError(f"property {key!r}: a secret without a value")
            return _secret(fields["value"])
        case str(signature) if signature == OUTPUT_SIGNATURE:
            known = fields.get("value", UNKNOWN)
            return _secret(known) if fields.get("secret") is True else known
        case str(signature) if signature == RESOURCE_SIGNATURE:
            # The engine sends an empty id for a resource that is not created yet.
            return fields.get("id", fields.get("urn")) or UNKNOWN
        case str(signature) if signature == ASSET_SIGNATURE:
            return Asset(
                text=_text(fields, "text"),
                path=_text(fields, "path"),
                uri=_text(fields, "uri"),
                hash=_text(fields, "hash") or "",
            )
        case str(signature) if signature == ARCHIVE_SIGNATURE:
            return Archive(
                assets=_members(key, fields.get("assets")),
                path=_text(fields, "path"),
                uri=_text(fields, "uri"),
                hash=_text(fields, "hash") or "",
            )
        case signature:
            raise ValueError(f"property {key!r}: a special value with the unknown signature {signature!r}")


def _secret(value: Value) -> Secret:
    return value if isinstance(value, Secret) else Secret(value)


def _text(fields: Values, name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) else None


def _members(key: str, value: Value) -> Mapping[str, Asset | Archive] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ValueError(f"property {key!r}: the assets of an archive are not an object")
    members: dict[str, Asset | Archive] = {}
    for name, member in value.items():
        if not isinstance(member, Asset | Archive):
            raise ValueError(f"property {key!r}: {name!r} in the archive is neither an asset nor an archive")
        members[name] = member
    return members


def _encode(key: str, value: Value) -> struct_pb2.Value:  # noqa: PLR0911 - one per kind of value
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, Unknown):
        return struct_pb2.Value(string_value=_UNKNOWN_STRING)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, list):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_encode(key, v) for v in value]))
    fields = _encode_fields(key, value)
    return struct_pb2.Value(
        struct_value=struct_pb2.Struct(fields={k: _encode(k, v) for k, v in fields.items()})
    )


def _encode_fields(key: str, value: dict[str, Value] | Secret | Asset | Archive) -> Values:
    if isinstance(value, dict):
        return value
    if isinstance(value, Secret):
        return {SIGNATURE_KEY: SECRET_SIGNATURE, "value": value.value}
    if isinstance(value, Asset):
        given: Values = {"text": value.text, "path": value.path, "uri": value.uri, "hash": value.hash or None}
        return {SIGNATURE_KEY: ASSET_SIGNATURE, **_present(given)}
    if isinstance(value, Archive):
        assets: Value = None if value.assets is None else dict(value.assets)
        given = {"assets": assets, "path": value.path, "uri": value.uri, "hash": value.hash or None}
        return {SIGNATURE_KEY: ARCHIVE_SIGNATURE, **_present(given)}
    raise TypeError(f"property {key!r}: {type(value).__name__} is not a type of property values")


def _present(fields: Values) -> Values:
    return {name: value for name, value in fields.items() if value is not None}
