"""Local and remote commands: their inputs and their SSH connections."""

from collections.abc import Iterator
from typing import Any

from ..model import Resource
from ..values import UNKNOWN, Path, get, leaves

REMOTE = ("command:remote:Command", "command:remote:CopyToRemote", "command:remote:CopyFile")
"""Types of resources that connect over SSH."""
SCRIPTS = ("create", "update", "delete")


def connections(resource: Resource) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Known SSH connections of a resource, with their paths: to the machine and to its proxy."""
    if resource.type in REMOTE:
        for path in (("connection",), ("connection", "proxy")):
            found = get(resource.props, *path)
            if isinstance(found, dict):
                yield path, found


def texts(resource: Resource) -> Iterator[tuple[Path, str]]:
    """Known texts that a command or copy transfers, with their paths: scripts, stdin, files."""
    if not resource.type.startswith("command:"):
        return
    source = get(resource.props, "source")
    found: list[tuple[Path, Any]] = [((key,), get(resource.props, key)) for key in (*SCRIPTS, "stdin")]
    found.append(
        (("source",), get(source, "text") if isinstance(source, dict) else getattr(source, "text", None))
    )
    yield from ((path, value) for path, value in found if isinstance(value, str))


def named_values(resource: Resource) -> Iterator[tuple[Path, str, str]]:
    """Known environment variables and triggers of a command: path, name, value."""
    if not resource.type.startswith("command:"):
        return
    for key in ("environment", "triggers"):
        for path, value in leaves(get(resource.props, key), (key,)):
            if isinstance(value, str) and value is not UNKNOWN:
                yield path, next((part for part in reversed(path) if isinstance(part, str)), ""), value
