"""What `up` chose and created; `exec`, `status` and `down` read it."""

import json
import threading
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from local.paths import Paths


@dataclass(frozen=True, kw_only=True)
class CreatedStack:
    """A stack that `up` created, and the checkout it came from."""

    checkout: str
    name: str


@dataclass(kw_only=True)
class Record:
    """Which parts are ours rather than the user's; none before `up` has chosen."""

    own_docker: bool = False
    own_buildx: bool = False
    own_engine: bool = False
    own_kubectl: bool = False
    own_plugins: bool = False
    own_registry: bool = False
    own_node: bool = False
    packages: list[str] = field(default_factory=list[str])
    stacks: list[CreatedStack] = field(default_factory=list[CreatedStack])

    @classmethod
    def load(cls, paths: Paths) -> "Record":
        """Reads the record of an earlier run, or creates an empty one."""
        if not paths.record.exists():
            return cls()
        known: dict[str, Any] = json.loads(paths.record.read_text())
        stacks = [CreatedStack(**stack) for stack in known.pop("stacks")]
        # A record of another version may have other fields.
        parts = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in known.items() if name in parts}, stacks=stacks)

    def save(self, paths: Paths, **changes: Any) -> None:
        """Changes fields and writes the record. Thread-safe."""
        with _LOCK:
            for name, value in changes.items():
                setattr(self, name, value)
            write(paths.record, json.dumps(asdict(self), indent=2) + "\n")


_LOCK = threading.Lock()


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Writes a file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_text(text)
    new.chmod(mode)
    new.replace(path)
