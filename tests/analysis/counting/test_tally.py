"""What pods have counted between two snapshots."""

import math

import pytest

from components.analysis.counting.snapshot import Snapshot
from components.analysis.counting.tally import Tally
from tests.analysis.sampled_trial import METRICS


@pytest.mark.parametrize(("native", "below"), [(True, 0), (False, 89)])
def test_an_estimate_of_a_native_histogram_may_fall_without_a_new_process(native: bool, below: float) -> None:
    def snapshot(below: float, timed: float) -> Snapshot:
        return Snapshot(
            requests={("a", "200"): timed},
            buckets={("a", 0.5): below, ("a", math.inf): timed},
            native={"a"} if native else set(),
        )

    tally = Tally(METRICS, 0.5)
    tally.begin(snapshot(90, 100), lambda _: False)
    counted = tally.count(snapshot(89, 101), lambda _: False, {})["a"]
    assert counted.statuses == {"200": 1}
    assert counted.buckets[0.5] == below
