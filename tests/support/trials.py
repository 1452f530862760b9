"""Trials as the gate records them: one that passed, one that failed, one that could not be judged."""

from components.cluster import Point, TrackPoint, TrialPoints

INTERVAL = 10
BEGAN = "2026-01-03T10:00:05Z"


def trial(*points: Point, steps: tuple[tuple[int, str], ...] = ()) -> TrialPoints:
    """A trial with limits of 1 % and 500 ms."""
    return TrialPoints(began=BEGAN, max_error_percent=1, max_p99_milliseconds=500, points=points, steps=steps)


def sample(
    number: int,
    *,
    errors: float | None = 0.0,
    p99: float | None = 24.0,
    outcome: str = "pass",
    reason: str = "",
    share: float = 25,
) -> Point:
    """The sample of that number, counted from 1; errors and latency are the canary's."""
    requests = None if errors is None else 120 + number
    return Point(
        second=INTERVAL * number,
        outcome=outcome,
        share=share,
        canary=TrackPoint(requests=requests, error_percent=errors, p99_milliseconds=p99),
        stable=TrackPoint(
            requests=3600, error_percent=0.1 * (number % 2), p99_milliseconds=21 + number % 3, slow_percent=0
        ),
        reason=reason,
    )


GOOD = trial(
    *(sample(number, share=10 if number < 4 else 25 if number < 7 else 50) for number in range(1, 10)),
    steps=(
        (0, "10 % of pods"),
        (30, "25 % of pods"),
        (60, "50 % of pods"),
        (90, "promoted: passed 9 samples"),
    ),
)
BAD = trial(
    sample(1),
    sample(2, errors=0.4, p99=38, reason="0.4 % errors are too few to tell"),
    sample(3, errors=12.0, p99=410, outcome="fail", reason="12.0 % errors, above 1 %"),
    sample(4, errors=34.0, p99=1250, outcome="fail", reason="34.0 % errors, above 1 %"),
    steps=((0, "25 % of pods"), (40, "rolled back: 2 of 4 samples failed: 34.0 % errors, above 1 %")),
)
INCONCLUSIVE = trial(
    sample(1),
    *(
        sample(number, errors=None, p99=None, outcome="unmeasured", reason="no data")
        for number in range(2, 6)
    ),
    steps=((0, "25 % of pods"),),
)
