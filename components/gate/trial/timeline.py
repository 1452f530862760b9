"""What happened in a trial and when, for the picture of it."""

from ...analysis import Judgement, Measurement, Sample, known
from ...cluster import Point, TrackPoint, TrialPoints
from .means import Means


class Timeline:
    """Samples and steps of a trial, by the second."""

    def __init__(self, means: Means) -> None:
        self._limits, self._clock = means.plan.limits, means.clock
        self._start = means.clock()
        self._began = means.wall().strftime("%Y-%m-%dT%H:%M:%SZ")
        self._points: list[Point] = []
        self._steps: list[tuple[int, str]] = []

    def step(self, line: str) -> None:
        """Notes something that happens now."""
        self._steps.append((self._second, line))

    def sample(self, sample: Sample, judgement: Judgement, share: float) -> None:
        """Notes a sample that was taken now. share: of the canary in the pods, percent."""
        point = Point(
            second=self._second,
            outcome=judgement.outcome,
            share=share,
            canary=_point(sample.canary),
            stable=_point(sample.stable),
            reason="; ".join(filter(None, [*judgement.reasons, judgement.note])),
        )
        self._points.append(point)

    @property
    def points(self) -> TrialPoints:
        """The trial as it is drawn."""
        return TrialPoints(
            began=self._began,
            max_error_percent=self._limits.max_error_percent,
            max_p99_milliseconds=self._limits.max_p99_milliseconds,
            points=tuple(self._points),
            steps=tuple(self._steps),
        )

    @property
    def _second(self) -> int:
        return round(self._clock() - self._start)


def _point(measured: Measurement) -> TrackPoint:
    p99 = known(measured.p99_seconds)
    return TrackPoint(
        requests=known(measured.requests),
        error_percent=measured.error_percent,
        p99_milliseconds=None if p99 is None else 1000 * p99,
        slow_percent=measured.slow_percent,
    )
