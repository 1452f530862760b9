"""Counts of samples, added up over windows."""

import math

from components.analysis.judging.evidence import Count, gather
from components.analysis.samples import Measurement, Sample


def track(requests: float | None, errors: float | None) -> Measurement:
    return Measurement(requests=requests, errors=errors, timed=requests, slow=errors, slow_at_most=errors)


def sample(number: int) -> Sample:
    return Sample(canary=track(10.0, float(number)), stable=track(100.0, 1.0))


def test_windows_are_the_last_1_2_4_and_all() -> None:
    windows = gather([sample(number) for number in range(7)])
    assert [window.samples for window in windows] == [1, 2, 4, 7]
    assert [window.errors.hits for window in windows] == [6, 11, 18, 21]
    assert [window.stable for window in windows] == [
        Count(hits=samples, total=100 * samples) for samples in (1, 2, 4, 7)
    ]


def test_the_window_of_all_is_there_once() -> None:
    assert [window.samples for window in gather([sample(1)] * 4)] == [1, 2, 4]
    assert [window.samples for window in gather([sample(1)])] == [1]


def test_without_counts_there_is_none() -> None:
    nothing = Sample(canary=Measurement(requests=5.0), stable=track(10.0, 1.0))
    assert gather([]) == gather([Sample(), Sample(canary=track(10.0, 1.0), error="away"), nothing]) == []


def test_only_samples_with_both_tracks_are_compared() -> None:
    """Else the canary's errors of an hour stood against the stable track's of another."""
    alone = Sample(canary=track(10.0, 9.0), stable=track(100.0, math.nan))
    whole = gather([sample(1), alone])[-1]
    assert whole.errors == Count(hits=10, total=20)
    assert (whole.compared, whole.stable) == (Count(hits=1, total=10), Count(hits=1, total=100))


def test_latency_counts_where_errors_are_not_known() -> None:
    timed = Sample(canary=Measurement(timed=10.0, slow=2.0, slow_at_most=3.0))
    (window,) = gather([timed])
    assert (window.slow, window.slow_at_most) == (Count(hits=2, total=10), Count(hits=3, total=10))
    assert window.errors == Count(hits=0, total=0)


def test_counts_are_whole_and_possible() -> None:
    (window,) = gather([Sample(canary=track(9.9999999, 10.0000001), stable=track(-0.4, -3.0))])
    assert window.errors == Count(hits=10, total=10)
    assert window.stable == Count(hits=0, total=0)
    assert window.stable.percent == 0.0


def test_the_stable_track_weighs_as_much_as_the_canary() -> None:
    """An hour with errors, in which the canary has half of the traffic: both tracks have the same rates."""
    before = Sample(canary=track(100.0, 0.0), stable=track(900.0, 0.0))
    after = Sample(canary=track(500.0, 5.0), stable=track(500.0, 5.0))
    whole = gather([before, after])[-1]
    assert whole.compared == Count(hits=5, total=600)
    # (100 + 500) squared by (100 squared by 900 + 500 squared by 500), and five of 600 of these.
    assert whole.stable == Count(hits=6, total=704)
