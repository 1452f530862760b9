"""Looking into properties that come from anywhere: parts may be missing, of another type, or not known yet.

Properties are plain: dicts, lists, strings, numbers, booleans, None and UNKNOWN. Nothing here raises.
"""

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast


class _Unknown(enum.Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = _Unknown.UNKNOWN
"""A value that a preview cannot know. A rule says nothing about it, and judges the rest."""

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class MakeSecret:
    """In the properties of a fix: a value for the engine to keep secret from now on."""

    value: Any = field(repr=False)


def get(value: Any, *path: str | int) -> Any:
    """What is at a path; None where there is nothing, UNKNOWN where something on the way is unknown."""
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
    """A copy with another value at a path, maps made where there is nothing; no change if it is barred."""
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
    """Entries of a list, unknown ones included; none of anything else."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def possible_items(value: Any) -> list[Any]:
    """Entries of a list, one unknown in place of an unknown list; none of anything else."""
    return [UNKNOWN] if value is UNKNOWN else items(value)


def entries(value: Any) -> dict[str, Any]:
    """Entries of a map, unknown ones included; none of anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def text(value: Any) -> str | None:
    """A string; None for anything else."""
    return value if isinstance(value, str) else None


def whole(value: Any) -> int | None:
    """A whole number, also one that came as a float; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == value // 1 else None


def is_set(value: Any) -> bool:
    """Whether there is something: not null, and known."""
    return value is not None and value is not UNKNOWN


def shown(path: Path) -> str:
    """A path as people write it: `spec.containers[0].image`; odd names in quotes."""
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
    """Everything that is no map or list, with its path; an empty map or list counts as nothing."""
    if isinstance(value, dict):
        for key, entry in cast("dict[str, Any]", value).items():
            yield from leaves(entry, (*path, key))
    elif isinstance(value, list):
        for index, entry in enumerate(cast("list[Any]", value)):
            yield from leaves(entry, (*path, index))
    else:
        yield path, value


def plain(value: Any, unknown: type[Exception]) -> Any:
    """A plain copy of Mappings and Sequences that raise `unknown` where a value is not known."""
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
