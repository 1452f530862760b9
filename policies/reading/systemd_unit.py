"""Parses systemd unit files into sections, with each assignment of each setting."""

import re
from collections.abc import Mapping

Settings = Mapping[str, list[str]]
"""Values of one section by name, in order; an empty value resets the list."""

_TRUE = {"1", "yes", "y", "true", "t", "on"}
_FALSE = {"0", "no", "n", "false", "f", "off"}


def parse(text: str) -> dict[str, dict[str, list[str]]]:
    """Sections of a unit file by name. Skips lines that are not settings."""
    sections: dict[str, dict[str, list[str]]] = {}
    section: dict[str, list[str]] = {}
    for line in _lines(text):
        if heading := re.fullmatch(r"\[([^\]]+)\]", line):
            section = sections.setdefault(heading[1], {})
        elif "=" in line:
            name, _, value = line.partition("=")
            section.setdefault(name.strip(), []).append(value.strip())
    return sections


def is_service(text: str) -> bool:
    """Whether a text is a service unit."""
    sections = parse(text)
    return "Unit" in sections and "ExecStart" in sections.get("Service", {})


def _lines(text: str) -> list[str]:
    """Lines without comments, with continuations joined."""
    kept = [line for line in text.splitlines() if not line.lstrip().startswith(("#", ";"))]
    return [line.strip() for line in re.sub(r"\\\n", " ", "\n".join(kept)).split("\n") if line.strip()]


def boolean(value: str) -> bool | None:
    """A boolean as systemd reads it; None for other text."""
    return True if value.lower() in _TRUE else False if value.lower() in _FALSE else None


def flag(settings: Settings, name: str) -> bool:
    """The last valid boolean of a setting; False if there is none."""
    found = [value for value in map(boolean, settings.get(name, [])) if value is not None]
    return found[-1] if found else False


def last(settings: Settings, name: str, default: str = "") -> str:
    """The last value of a setting."""
    return settings.get(name, [default])[-1]


def words(settings: Settings, name: str) -> list[str]:
    """All words of a setting since its last reset."""
    found: list[str] = []
    for value in settings.get(name, []):
        found = [*found, *value.split()] if value else []
    return found
