"""Inputs with their types checked: every problem is collected with its path; unknowns are let through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from local.plugins.base import Failure, Unknown, Value, Values, join_path, unwrap

# A type is a name, a list of one type, a map of any keys to one type, or an object with its fields' types.
Type: TypeAlias = "str | ListOf | MapOf | ObjectOf"

_PYTHON: Final[Mapping[str, type]] = {"string": str, "boolean": bool, "object": dict, "list": list}


@dataclass(frozen=True)
class ListOf:
    item: Type


@dataclass(frozen=True)
class MapOf:
    item: Type


@dataclass(frozen=True)
class ObjectOf:
    fields: Mapping[str, Type]
    required: frozenset[str] = field(default_factory=frozenset[str])


def type_failures(  # noqa: PLR0911 - one per kind of type
    value: Value, expected: Type, path: str = ""
) -> list[Failure]:
    """Compare a value with its type; one failure per place. A null is as good as a missing value."""
    value = unwrap(value)
    if value is None or isinstance(value, Unknown):
        return []
    match expected:
        case str() as name:
            return _scalar(value, name, path)
        case ListOf(item):
            if not isinstance(value, list):
                return [Failure(path, f"must be a list, not {_name(value)}")]
            return [f for i, v in enumerate(value) for f in type_failures(v, item, join_path(path, i))]
        case MapOf(item):
            if not isinstance(value, dict):
                return [Failure(path, f"must be an object, not {_name(value)}")]
            return [f for k, v in value.items() for f in type_failures(v, item, join_path(path, k))]
        case ObjectOf(fields, required):
            if not isinstance(value, dict):
                return [Failure(path, f"must be an object, not {_name(value)}")]
            return _object(value, fields, required, path)


def _object(value: Values, fields: Mapping[str, Type], required: frozenset[str], path: str) -> list[Failure]:
    failures = [
        Failure(join_path(path, key), f"is not known; known are {', '.join(sorted(fields))}")
        for key in value
        if key not in fields
    ]
    failures += [
        Failure(join_path(path, key), "is required") for key in sorted(required) if value.get(key) is None
    ]
    for key, kind in fields.items():
        failures += type_failures(value.get(key), kind, join_path(path, key))
    return failures


def _scalar(value: Value, name: str, path: str) -> list[Failure]:
    if name == "number":
        good = isinstance(value, int | float) and not isinstance(value, bool)
    else:
        good = name == "any" or isinstance(value, _PYTHON[name])
    return [] if good else [Failure(path, f"must be a {name}, not {_name(value)}")]


def _name(value: Value) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    return {str: "a string", list: "a list", dict: "an object"}.get(type(value), type(value).__name__)


def text(values: Mapping[str, Value], key: str, default: str = "") -> str:
    """A string input; the default where it is missing or unknown."""
    value = unwrap(values.get(key))
    return value if isinstance(value, str) else default


def flag(values: Mapping[str, Value], key: str, *, default: bool = False) -> bool:
    """A boolean input; the default where it is missing or unknown."""
    value = unwrap(values.get(key))
    return value if isinstance(value, bool) else default


def items(values: Mapping[str, Value], key: str) -> list[Value]:
    """A list input, without secrets' wrappers; empty where it is missing or unknown."""
    value = unwrap(values.get(key))
    return value if isinstance(value, list) else []


def fields(values: Mapping[str, Value], key: str) -> Values:
    """An object input, without secrets' wrappers; empty where it is missing or unknown."""
    value = unwrap(values.get(key))
    return value if isinstance(value, dict) else {}


def strings(values: Mapping[str, Value], key: str) -> list[str]:
    """The known strings in a list input."""
    return [item for item in items(values, key) if isinstance(item, str)]


def string_map(values: Mapping[str, Value], key: str) -> dict[str, str]:
    """The known strings in a map input."""
    return {name: item for name, item in fields(values, key).items() if isinstance(item, str)}


def objects(values: Mapping[str, Value], key: str) -> list[Values]:
    """The known objects in a list input."""
    return [item for item in items(values, key) if isinstance(item, dict)]
