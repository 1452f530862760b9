"""Which values of a stack file are encrypted; the engine does not say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import yaml

Steps = tuple[str | int, ...]


def stored(file: Path, section: str) -> Any:
    """A section (`project:secrets`) as a stack file has it, encrypted values as `{"secure": cipher}`.

    None without the file or the section; the values then come from elsewhere.
    """
    if not file.is_file():
        return None
    document = cast("dict[str, Any]", yaml.safe_load(file.read_text()) or {})
    return cast("dict[str, Any]", document.get("config") or {}).get(section)


def encrypted(value: Any, at: Steps = ()) -> Iterator[Steps]:
    """Where in a stored value something is encrypted, at any depth; `()` is the value itself."""
    if _is_encrypted(value):
        yield at
    elif isinstance(value, dict):
        for name, entry in cast("dict[Any, Any]", value).items():
            yield from encrypted(entry, (*at, str(name)))
    elif isinstance(value, list):
        for index, entry in enumerate(cast("list[Any]", value)):
            yield from encrypted(entry, (*at, index))


def value_at(stored: Any, steps: Steps) -> Any:
    """What a stored section has at a place, encrypted or not; None if there is nothing."""
    for step in steps:
        if not isinstance(stored, dict) or _is_encrypted(stored):
            return None
        entries = {str(name): entry for name, entry in cast("dict[Any, Any]", stored).items()}
        stored = entries.get(str(step))
    return stored


def is_clear(stored: Any, steps: Steps) -> bool:
    """Whether a stored section has a value at a place that anyone can read."""
    found = value_at(stored, steps)
    return found not in (None, "") and not _is_encrypted(found)


def path(section: str, steps: Steps) -> str:
    """A place in a section as `pulumi config --path` takes it: `network.egressPorts[0]`."""
    return section + "".join(map(_step, steps))


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f'["{step}"]' if any(character in step for character in '.[]"') else f".{step}"


def _is_encrypted(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    entries = cast("dict[Any, Any]", value)
    return list(entries) == ["secure"] and isinstance(entries["secure"], str)
