"""What `up` found, chose and made; `exec`, `status` and `down` go by it."""

import json
import threading
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from local.paths import Paths


@dataclass(frozen=True, kw_only=True)
class MadeStack:
    """A stack that `up` created, and the checkout it was created from."""

    checkout: str
    name: str


@dataclass(kw_only=True)
class Record:
    """Which parts are ours. Nothing is before `up` has decided so."""

    own_docker: bool = False
    own_buildx: bool = False
    own_engine: bool = False
    own_kubectl: bool = False
    own_plugins: bool = False
    own_registry: bool = False
    own_node: bool = False
    packages: list[str] = field(default_factory=list[str])
    stacks: list[MadeStack] = field(default_factory=list[MadeStack])

    @classmethod
    def load(cls, paths: Paths) -> "Record":
        """The record of an earlier run; a new one if there is none."""
        if not paths.record.exists():
            return cls()
        known: dict[str, Any] = json.loads(paths.record.read_text())
        stacks = [MadeStack(**stack) for stack in known.pop("stacks")]
        # One of another release may have had other parts.
        parts = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in known.items() if name in parts}, stacks=stacks)

    def save(self, paths: Paths, **changes: Any) -> None:
        """Changes fields and writes the record. Safe from several steps at once."""
        with _LOCK:
            for name, value in changes.items():
                setattr(self, name, value)
            write(paths.record, json.dumps(asdict(self), indent=2) + "\n")


_LOCK = threading.Lock()


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Writes a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_text(text)
    new.chmod(mode)
    new.replace(path)
