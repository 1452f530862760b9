"""Reads properties whose parts may be missing, unknown, or of an unexpected type.

Properties are plain: dicts, lists, strings, numbers, booleans, None and UNKNOWN. No function here raises.
"""

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast


class _Unknown(enum.Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = _Unknown.UNKNOWN
"""A value that a preview does not know. Rules report nothing about it and check the rest."""

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class MakeSecret:
    """Marks a value as secret in the properties that a fix returns."""

    value: Any = field(repr=False)


def get(value: Any, *path: str | int) -> Any:
    """The value at a path; None if it is missing, UNKNOWN if a part of the path is unknown."""
    for part in path:
        if isinstance(value, dict):
            value = cast("dict[str | int, Any]", value).get(part)
        elif isinstance(value, list) and isinstance(part, int):
            found = cast("list[Any]", value)
            value = found[part] if -len(found) <= part < len(found) else None
        else:
            return UNKNOWN if value is UNKNOWN else None
    return value


def put(value: Any, path: Path, new: Any) -> Any:
    """A copy with a new value at a path. Creates missing maps; unchanged if a scalar is in the way."""
    if not path:
        return new
    part, rest = path[0], path[1:]
    if isinstance(part, int):
        found = items(value)
        return [
            put(entry, rest, new) if index == part else entry for index, entry in enumerate(found)
        ] or value
    if value is None or isinstance(value, dict):
        return {**entries(value), part: put(get(value, part), rest, new)}
    return value


def items(value: Any) -> list[Any]:
    """Entries of a list, including unknown ones; empty for other types."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def possible_items(value: Any) -> list[Any]:
    """Entries of a list, [UNKNOWN] for an unknown list; empty for other types."""
    return [UNKNOWN] if value is UNKNOWN else items(value)


def entries(value: Any) -> dict[str, Any]:
    """Entries of a map, including unknown ones; empty for other types."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def text(value: Any) -> str | None:
    """The value if it is a string, else None."""
    return value if isinstance(value, str) else None


def whole_number(value: Any) -> int | None:
    """The value as an int if it is a whole number, even as a float; else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == value // 1 else None


def is_set(value: Any) -> bool:
    """Whether a value is present and known."""
    return value is not None and value is not UNKNOWN


def format_path(path: Path) -> str:
    """A path as text: `spec.containers[0].image`; names with other characters in quotes."""
    parts = ""
    for part in path:
        if isinstance(part, int):
            parts += f"[{part}]"
        elif part.replace("_", "a").replace("-", "a").isalnum():
            parts += f".{part}" if parts else part
        else:
            parts += f'["{part}"]'
    return parts


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """All scalars in a value, with their paths."""
    if isinstance(value, dict):
        for key, entry in cast("dict[str, Any]", value).items():
            yield from leaves(entry, (*path, key))
    elif isinstance(value, list):
        for index, entry in enumerate(cast("list[Any]", value)):
            yield from leaves(entry, (*path, index))
    else:
        yield path, value


def plain(value: Any, unknown: type[Exception]) -> Any:
    """A plain copy of Mappings and Sequences that raise `unknown` for an unknown value."""
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, Any]", value)
        return {key: _known(mapping, key, unknown) for key in mapping}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        sequence = cast("Sequence[Any]", value)
        return [_known(sequence, index, unknown) for index in range(len(sequence))]
    return value


def _known(container: Any, key: Any, unknown: type[Exception]) -> Any:
    try:
        value = container[key]
    except unknown:
        return UNKNOWN
    return plain(value, unknown)
