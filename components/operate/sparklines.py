"""A trial as a few lines of text, at most 80 columns: errors and latency of both tracks."""

from collections.abc import Sequence

from ..cluster import TrackPoint, TrialPoints, thinned
from .measures import Measure, measures, scale

_BLOCKS = "▁▂▃▄▅▆▇█"
_NO_DATA = "·"
_WIDTH = 24


def sparklines(trial: TrialPoints) -> list[str]:
    """One line for each measure and track. Both tracks have the same scale, which begins at 0."""
    points = thinned(trial.points, _WIDTH)
    tracks = [point.canary for point in points], [point.stable for point in points]
    lines: list[str] = []
    for measure in measures(trial):
        top = scale(measure, tracks)
        canary, stable = (_line(measure, track, top) for track in tracks)
        lines += [
            f"{measure.name:<7} canary {canary}, limit {measure.limit_figure}",
            f"{'':<7} stable {stable}",
        ]
    return lines


def _line(measure: Measure, track: Sequence[TrackPoint], top: float) -> str:
    values = [measure.value(point) for point in track]
    known = [value for value in values if value is not None]
    said = f"min {measure.figure(min(known))}, max {measure.figure(max(known))}" if known else "no data"
    return f"{''.join(_block(value, top) for value in values)}  {said}"


def _block(value: float | None, top: float) -> str:
    if value is None:
        return _NO_DATA
    last = len(_BLOCKS) - 1
    return _BLOCKS[min(max(round(value / top * last), 0), last)] if top > 0 else _BLOCKS[0]
