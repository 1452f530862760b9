"""What of a trial is drawn, in the terminal and on the page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..cluster import TrackPoint, TrialPoints
from .figures import bound, latency, percent


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One figure of both tracks over a trial, and its limit."""

    name: str
    """In one short word."""
    title: str
    """In a few words."""
    value: Callable[[TrackPoint], float | None]
    """What a track has of it."""
    figure: Callable[[float | None], str]
    """How people read it."""
    mark: Callable[[float], str]
    """How its axis is marked."""
    limit: float
    """The limit of the canary."""
    limit_figure: str
    """The same as people read it."""


def measures(trial: TrialPoints) -> list[Measure]:
    """What the canary is judged by: errors, and latency unless it was left out."""
    errors = Measure(
        name="errors",
        title="Share of errors",
        value=lambda track: track.error_percent,
        figure=percent,
        mark=bound,
        limit=trial.max_error_percent,
        limit_figure=bound(trial.max_error_percent),
    )
    slow = Measure(
        name="p99",
        title="Latency, 99th percentile",
        value=lambda track: track.p99_milliseconds,
        figure=latency,
        mark=latency,
        limit=trial.max_p99_milliseconds,
        limit_figure=latency(trial.max_p99_milliseconds),
    )
    return [errors, slow] if trial.max_p99_milliseconds else [errors]


def scale(measure: Measure, tracks: Sequence[Sequence[TrackPoint]]) -> float:
    """The top of the scale of all tracks: the highest value, or the limit above it."""
    values = [measure.value(point) for track in tracks for point in track]
    return max([measure.limit, *(value for value in values if value is not None)])
