"""BuildKit's progress, one JSON object a line, turned into status lines and, at the end, the failing step."""

from __future__ import annotations

import base64
import json
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

_KEPT_LINES: Final = 20  # a step's last lines, shown if it fails
_WIDTH: Final = 160  # characters of a status line


@dataclass(frozen=True, kw_only=True)
class FailedStep:
    """The step that failed: BuildKit's name for it, its error and the last lines it printed."""

    name: str
    error: str
    lines: list[str]


class Progress:
    """Follows one build. Lines that are not JSON are the builder's own last words."""

    def __init__(self, status: Callable[[str], None], prefix: str = "") -> None:
        self._status = status
        self._prefix = prefix
        self._names: dict[str, str] = {}
        self._logs: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_KEPT_LINES))
        self._partial: dict[str, str] = defaultdict(str)
        self.failed: FailedStep | None = None
        self.warnings: list[str] = []
        self.messages: list[str] = []

    def line(self, text: str) -> None:
        """Take one line of the builder's output."""
        try:
            event = json.loads(text)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            if text.strip():
                self.messages.append(text)
            return
        for vertex in event.get("vertexes") or []:
            self._vertex(vertex)
        for log in event.get("logs") or []:
            self._log(log)
        for warning in event.get("warnings") or []:
            if short := _bytes(warning.get("short")):
                self.warnings.append(short)

    def _vertex(self, vertex: Mapping[str, Any]) -> None:
        digest, name = vertex["digest"], vertex.get("name", "")
        self._names[digest] = name
        if error := vertex.get("error"):
            # Steps running beside the failing one are only called off.
            if self.failed is None and "context canceled" not in error:
                self._flush(digest)
                self.failed = FailedStep(name=name, error=error, lines=list(self._logs[digest]))
        elif vertex.get("started") and not vertex.get("completed"):
            self._show(name)

    def _log(self, log: Mapping[str, Any]) -> None:
        digest = log["vertex"]
        *lines, self._partial[digest] = (self._partial[digest] + _bytes(log.get("data"))).split("\n")
        for raw in lines:
            # What a progress bar has drawn over is gone.
            line = raw.rstrip("\r").rsplit("\r", 1)[-1]
            if line.strip():
                self._logs[digest].append(line)
                self._show(f"{_short(self._names.get(digest, ''))} {line}".strip())

    def _flush(self, digest: str) -> None:
        if rest := self._partial.pop(digest, "").strip():
            self._logs[digest].append(rest)

    def _show(self, text: str) -> None:
        self._status(f"{self._prefix}{' '.join(text.split())}"[:_WIDTH])


def _short(name: str) -> str:
    """`[build 3/7] RUN go build …` → `[build 3/7]`."""
    return name[: name.index("]") + 1] if name.startswith("[") and "]" in name else name


def _bytes(encoded: object) -> str:
    return base64.b64decode(encoded).decode(errors="replace") if isinstance(encoded, str) else ""
