"""Unit files of systemd: sections of settings, each as often as it was assigned."""

import re
from collections.abc import Mapping

Settings = Mapping[str, list[str]]
"""Values of one section by name, in order; an empty one ends what was assigned before."""

_TRUE = {"1", "yes", "y", "true", "t", "on"}
_FALSE = {"0", "no", "n", "false", "f", "off"}


def parse(text: str) -> dict[str, dict[str, list[str]]]:
    """Sections of a unit file by name. Lines that are no settings are passed over."""
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
    """Whether a text is the unit of a service."""
    sections = parse(text)
    return "Unit" in sections and "ExecStart" in sections.get("Service", {})


def _lines(text: str) -> list[str]:
    """Lines without comments, continued ones joined."""
    kept = [line for line in text.splitlines() if not line.lstrip().startswith(("#", ";"))]
    return [line.strip() for line in re.sub(r"\\\n", " ", "\n".join(kept)).split("\n") if line.strip()]


def boolean(value: str) -> bool | None:
    """A boolean as systemd reads it; None for anything else."""
    return True if value.lower() in _TRUE else False if value.lower() in _FALSE else None


def flag(settings: Settings, name: str) -> bool:
    """The last valid boolean under a name; False if there is none."""
    found = [value for value in map(boolean, settings.get(name, [])) if value is not None]
    return found[-1] if found else False


def last(settings: Settings, name: str, default: str = "") -> str:
    """The last value under a name."""
    return settings.get(name, [default])[-1]


def words(settings: Settings, name: str) -> list[str]:
    """All words under a name since it was last emptied."""
    found: list[str] = []
    for value in settings.get(name, []):
        found = [*found, *value.split()] if value else []
    return found
