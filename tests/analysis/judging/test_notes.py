"""What a sample that passes notes."""

import pytest

from components.analysis.judging.judge import Judgement, judge
from components.analysis.samples import Sample
from tests.support.judged_samples import PLANNED, errors, sample, slow
from tests.support.limits import LIMITS

MORE = "more than 0.5 points above the stable track's"
MAYBE = "but may be chance"
# Samples that pass; the note of the last one; whether the trial is undecided.
NOTES: dict[str, tuple[list[Sample], str, bool]] = {
    "well": ([errors(100.0, 1.0), errors(100.0, 0.0)], "", False),
    "one error": (
        [sample({"errors": 1.0, "requests": 90.0}, {"errors": 9.0})],
        f"too few to tell: 1 of 90 errors (1.1 %) are above 1 %, {MAYBE}",
        True,
    ),
    "two errors of both tracks": (
        [sample({"errors": 1.0, "requests": 45.0}, {"errors": 9.0})] * 2,
        f"too few to tell: 2 of 90 errors (2.2 %) are above 1 %, {MAYBE}",
        True,
    ),
    "one error in this sample, few in all": (
        [*[errors(300.0, 0.0)] * 3, errors(20.0, 1.0)],
        f"too few to tell: 1 of 20 errors (5.0 %) are above 1 %, {MAYBE}",
        False,
    ),
    "an error before": (
        [errors(20.0, 1.0), errors(20.0, 0.0)],
        f"too few to tell: 1 of 40 errors (2.5 %) are above 1 %, {MAYBE}",
        True,
    ),
    "more than stable": (
        [sample({"errors": 1.0, "requests": 130.0}, {"errors": 1.0, "requests": 1000.0})],
        f"too few to tell: 1 of 130 errors (0.8 %) are {MORE} 0.1 %, {MAYBE}",
        True,
    ),
    "slow answers": (
        [slow(2.0, 2.0)],
        f"too few to tell: 2 of 100 answers slower than 500 ms (2.0 %) are above 1 %, {MAYBE}",
        True,
    ),
    "answers that may be slow": (
        [slow(0.0, 2.0, (0.25, 1.0))],
        f"too few to tell: 2 of 100 answers that may be slower than 500 ms (2.0 %) are above 1 %, {MAYBE}",
        True,
    ),
    "errors and slow answers": (
        [sample({"errors": 2.0, "slow": 2.0, "slow_at_most": 2.0}, {"errors": 18.0})],
        f"too few to tell: 2 of 100 errors (2.0 %) are above 1 %, {MAYBE}; "
        f"too few to tell: 2 of 100 answers slower than 500 ms (2.0 %) are above 1 %, {MAYBE}",
        True,
    ),
    "a burst before": (
        [errors(100.0, 30.0), errors(100.0, 0.0)],
        "30 of 200 errors so far (15.0 %) are above 1 %, but not those of this sample",
        True,
    ),
    "a burst long before": ([errors(100.0, 7.0), *[errors(1000.0, 0.0)] * 2], "", False),
}


@pytest.mark.parametrize("case", NOTES)
def test_a_pass_notes_what_is_above_a_limit(case: str) -> None:
    samples, note, undecided = NOTES[case]
    found = judge(samples, LIMITS, PLANNED)
    assert found == Judgement(outcome="pass", note=note, undecided=undecided)
