"""The samples of a trial in short, an annotation of the canary's Deployment: what status and report draw."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

_MAX_BYTES = 8000  # all annotations of an object share 256 kB, and each new ReplicaSet gets a copy
# Maximum number of points, of steps, and of characters of a text; the next row where a trial takes more room.
_SIZES = ((120, 60, 200), (120, 40, 80), (120, 20, 40), (60, 20, 40), (30, 10, 20), (10, 0, 0))
# By their letter in the annotation, from the best to the worst.
_OUTCOMES = {"p": "pass", "u": "unmeasured", "f": "fail"}
_RANKS = {outcome: rank for rank, outcome in enumerate(_OUTCOMES.values())}


@dataclass(frozen=True, kw_only=True)
class TrackPoint:
    """One track within one sample. None: no data."""

    requests: float | None = None
    """Number of requests answered."""
    error_percent: float | None = None
    """Share of errors, percent."""
    p99_milliseconds: float | None = None
    """99th percentile of the latency, milliseconds."""
    slow_percent: float | None = None
    """Share of answers above the latency limit, percent."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """One sample."""

    second: int
    """Seconds since the trial began."""
    outcome: str
    """`pass`, `fail` or `unmeasured`."""
    share: float
    """Share of the canary in the pods, percent."""
    canary: TrackPoint
    """The version on trial."""
    stable: TrackPoint
    """The baseline."""
    reason: str = ""
    """What failed, is missing, or is too few to tell."""


@dataclass(frozen=True, kw_only=True)
class TrialPoints:
    """A trial as it is drawn."""

    began: str
    """When it began, UTC, RFC 3339."""
    max_error_percent: float
    """Limit of errors at that time."""
    max_p99_milliseconds: int
    """Limit of latency at that time; 0 if latency was left out."""
    points: tuple[Point, ...]
    """Its samples in order."""
    steps: tuple[tuple[int, str], ...] = ()
    """What happened when: seconds since the trial began, and a line (`33 % of pods`, `warmed up`)."""

    def to_json(self) -> str:
        """The value of the annotation: at most 8 kB, so of a long trial neighbours become one point."""
        texts = (self._shortened(*sizes) for sizes in _SIZES)
        return next((text for text in texts if len(text.encode()) <= _MAX_BYTES), "")

    def _shortened(self, points: int, steps: int, characters: int) -> str:
        value = {
            "began": _cut(self.began, 40),
            "limits": [_number(self.max_error_percent), self.max_p99_milliseconds],
            "points": [_row(point, characters) for point in thinned(self.points, points)],
            # The last ones say how it ended.
            "steps": [[second, _cut(text, characters)] for second, text in self.steps[-steps or None :]]
            if steps
            else [],
        }
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def parse_points(text: str) -> TrialPoints | None:
    """A trial from its JSON; None if the text is not one."""
    try:
        found: dict[str, Any] = json.loads(text)
        errors, latency = found["limits"]
        datetime.fromisoformat(found["began"])
        return TrialPoints(
            began=found["began"],
            max_error_percent=_required(errors),
            max_p99_milliseconds=int(_required(latency)),
            points=tuple(_point(row) for row in found["points"]),
            steps=tuple((int(_required(second)), str(line)) for second, line in found["steps"]),
        )
    except (ArithmeticError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def thinned(points: Sequence[Point], count: int) -> tuple[Point, ...]:
    """At most so many points, neighbours merged evenly."""
    size = max(math.ceil(len(points) / count), 1)
    return tuple(_merged(points[start : start + size]) for start in range(0, len(points), size))


def _merged(points: Sequence[Point]) -> Point:
    """One point for several: counts add up, and the worst outcome stays with its reason."""
    worst = max(points, key=lambda point: (_RANKS[point.outcome], bool(point.reason), point.second))
    return replace(
        worst,
        second=points[-1].second,
        share=points[-1].share,
        canary=_merged_tracks([point.canary for point in points]),
        stable=_merged_tracks([point.stable for point in points]),
    )


def _merged_tracks(parts: Sequence[TrackPoint]) -> TrackPoint:
    requests = [part.requests for part in parts if part.requests is not None]
    # The percentile of a whole does not follow from those of its parts. The highest hides nothing.
    highest = [part.p99_milliseconds for part in parts if part.p99_milliseconds is not None]
    return TrackPoint(
        requests=sum(requests) if requests else None,
        error_percent=_weighted((part.error_percent, part.requests) for part in parts),
        p99_milliseconds=max(highest, default=None),
        slow_percent=_weighted((part.slow_percent, part.requests) for part in parts),
    )


def _weighted(shares: Iterator[tuple[float | None, float | None]]) -> float | None:
    known = [(share, weight or 0.0) for share, weight in shares if share is not None]
    total = sum(weight for _, weight in known)
    if not total:
        return max((share for share, _ in known), default=None)
    return sum(share * weight for share, weight in known) / total


def _row(point: Point, characters: int) -> list[Any]:
    numbers = [
        _number(value)
        for track in (point.canary, point.stable)
        for value in (track.requests, track.error_percent, track.p99_milliseconds, track.slow_percent)
    ]
    row = [point.second, point.outcome[0], _number(point.share) or 0, *numbers]
    reason = _cut(point.reason, characters)
    return [*row, reason] if reason else row


def _point(row: list[Any]) -> Point:
    second, outcome, share, *numbers = row
    values = [None if value is None else _required(value) for value in numbers[:8]]
    canary, stable = (
        TrackPoint(requests=four[0], error_percent=four[1], p99_milliseconds=four[2], slow_percent=four[3])
        for four in (values[:4], values[4:])
    )
    return Point(
        second=int(_required(second)),
        outcome=_OUTCOMES[outcome],
        share=_required(share),
        canary=canary,
        stable=stable,
        reason=str(numbers[8]) if len(numbers) > 8 else "",
    )


def _number(value: float | None) -> float | int | None:
    """With four digits, as much as is drawn; whole numbers as they are; None for what JSON cannot hold."""
    if value is None or not math.isfinite(value):
        return None
    if abs(value) < 1e9 and value == int(value):
        return int(value)
    return float(f"{value:.4g}")


def _required(value: object) -> float:
    """A finite number. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a number")
    return float(cast("float", value))


def _cut(text: str, characters: int) -> str:
    """The beginning of a text, as one line."""
    line = " ".join(text.encode(errors="replace").decode().split())
    return line if len(line) <= characters else f"{line[: max(characters - 1, 0)]}…"[:characters]
