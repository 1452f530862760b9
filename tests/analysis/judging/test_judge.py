"""What a sample says in the light of those before: tables of edges."""

from dataclasses import replace
from time import process_time

import pytest

from components.analysis.judging.judge import Judgement, Outcome, holds, judge, significance
from components.analysis.samples import Measurement, Sample
from tests.support.judged_samples import GOOD, INF, NAN, PLANNED, check, errors, sample, slow
from tests.support.limits import LIMITS

FEW = "fewer than 20"
NO_REQUESTS = "no data on the canary's requests"
NO_ERRORS = "no data on the canary's errors"
NO_STABLE = "no data on the stable track to compare with"
NO_LATENCY = "no data on the canary's latency"
MORE = "more than 0.5 points above the stable track's"
UNPARSED = "Prometheus: parse error"
BETWEEN = "between 0.0 % and 90.0 % of answers slower than 500 ms, and no bucket ends there to tell"
SET_P99 = "set canary.maxP99Milliseconds to"
ABOVE, TOO_SLOW = "7.0 % errors, above 1 %", "30.0 % of answers slower than 500 ms, above 1 %"
# The last sample and what came before; outcome; reasons.
CASES: dict[str, tuple[list[Sample], Outcome, tuple[str, ...]]] = {
    "well": ([sample()], "pass", ()),
    "nothing at all": ([Sample()], "unmeasured", (NO_REQUESTS,)),
    "Prometheus is away": ([sample(error="it is away")], "unmeasured", ("it is away",)),
    "no requests known": ([sample({"requests": None})], "unmeasured", (NO_REQUESTS,)),
    "requests NaN": ([sample({"requests": NAN})], "unmeasured", (NO_REQUESTS,)),
    "requests infinite": ([sample({"requests": INF})], "unmeasured", (NO_REQUESTS,)),
    "no requests": ([errors(0.0, 0.0)], "unmeasured", (f"0 requests, {FEW}",)),
    "one too few": ([errors(19.0, 0.0)], "unmeasured", (f"19 requests, {FEW}",)),
    "too few, all of them errors": ([errors(19.0, 19.0)], "unmeasured", (f"19 requests, {FEW}",)),
    "just enough": ([errors(20.0, 0.0)], "pass", ()),
    "just enough, by subtraction": ([errors(19.9999999, 0.0)], "pass", ()),
    "errors not known": ([sample({"errors": None})], "unmeasured", (NO_ERRORS,)),
    "errors NaN": ([sample({"errors": NAN})], "unmeasured", (NO_ERRORS,)),
    "errors at the limit": ([sample({"errors": 1.0}, {"errors": 4.5})], "pass", ()),
    "errors above the limit": ([errors(100.0, 7.0)], "fail", (ABOVE,)),
    "only errors": ([errors(20.0, 20.0)], "fail", ("100.0 % errors, above 1 %",)),
    "errors above the limit, of both": (
        [sample({"errors": 8.0}, {"errors": 72.0})],
        "fail",
        ("8.0 % errors, above 1 %",),
    ),
    "errors above the limit, of all samples": (
        [errors(145.0, 3.0)] * 4,
        "fail",
        (f"2.1 % errors over 2 samples (6 of 290), {MORE} 0.0 %",),
    ),
    "errors above the limit, of all samples, and of both": (
        [sample({"errors": 5.0}, {"errors": 45.0})] * 3,
        "fail",
        ("5.0 % errors over 2 samples (10 of 200), above 1 %",),
    ),
    "a canary that turns bad late": (
        [errors(1000.0, 0.0)] * 7 + [errors(1000.0, 15.0)] * 2,
        "fail",
        (f"1.5 % errors, {MORE} 0.0 %",),
    ),
    "as many more errors as allowed": (
        [sample({"requests": 10_000.0, "errors": 60.0}, {"requests": 10_000.0, "errors": 10.0})],
        "pass",
        (),
    ),
    "too many more errors": (
        [sample({"requests": 10_000.0, "errors": 70.0}, {"requests": 10_000.0, "errors": 10.0})],
        "fail",
        (f"0.7 % errors, {MORE} 0.1 %",),
    ),
    "too few before, their counts count": (
        [errors(19.0, 2.0)] * 3 + [errors(20.0, 1.0)],
        "fail",
        ("9.1 % errors over 4 samples (7 of 77), above 1 %",),
    ),
    "samples without counts between": (
        [errors(50.0, 3.0), Sample(error="it is away"), Sample(), errors(50.0, 3.0)],
        "fail",
        ("6.0 % errors over 2 samples (6 of 100), above 1 %",),
    ),
    "one stable pod": ([sample(stable={"requests": 25.0})], "pass", ()),
    "no stable traffic known": ([Sample(canary=GOOD)], "unmeasured", (NO_STABLE,)),
    "no stable traffic": ([sample(stable={"requests": 0.0})], "unmeasured", (NO_STABLE,)),
    "no stable traffic now": ([sample(), sample(stable={"requests": 0.0})], "unmeasured", (NO_STABLE,)),
    "stable NaN": ([sample(stable={"requests": NAN})], "unmeasured", (NO_STABLE,)),
    "errors without stable traffic": ([Sample(canary=replace(GOOD, errors=7.0))], "fail", (ABOVE,)),
    "latency not known": ([sample({"timed": None})], "unmeasured", (NO_LATENCY,)),
    "latency of no answer": ([sample({"timed": 0.0})], "unmeasured", (NO_LATENCY,)),
    "latency NaN": ([sample({"slow": NAN})], "unmeasured", (NO_LATENCY,)),
    "latency not known above": ([sample({"slow_at_most": None})], "unmeasured", (NO_LATENCY,)),
    "no p99 for people": ([sample({"p99_seconds": None})], "pass", ()),
    "a p99 of too few answers": ([sample({"p99_seconds": 9.0})], "pass", ()),
    "latency at the limit": ([slow(1.0, 1.0)], "pass", ()),
    "latency above the limit": ([slow(30.0, 30.0)], "fail", (TOO_SLOW,)),
    "latency above the limit, of all samples": (
        [slow(3.0, 3.0)] * 4,
        "fail",
        ("3.0 % of answers slower than 500 ms over 4 samples (12 of 400), above 1 %",),
    ),
    "latency above the limit, for sure": ([slow(30.0, 90.0, (0.25, 1.0))], "fail", (TOO_SLOW,)),
    "latency that no bucket tells": (
        [slow(0.0, 90.0, (0.25, 1.0))],
        "unmeasured",
        (f"{BETWEEN}; {SET_P99} 250 or 1000",),
    ),
    "latency above all buckets": (
        [slow(0.0, 90.0, (0.25, INF))],
        "unmeasured",
        (f"{BETWEEN}; {SET_P99} 250",),
    ),
    "latency below all buckets": (
        [slow(0.0, 90.0, (0.0, 1.0))],
        "unmeasured",
        (f"{BETWEEN}; {SET_P99} 1000",),
    ),
    "latency of different buckets": (
        [slow(0.0, 90.0)],
        "unmeasured",
        (f"{BETWEEN}; {SET_P99} the bound of a bucket",),
    ),
    "errors, and latency that no bucket tells": (
        [sample({"errors": 7.0, "slow_at_most": 90.0}, buckets=(0.25, 1.0))],
        "fail",
        (ABOVE,),
    ),
    "errors and latency": (
        [sample({"errors": 7.0, "slow": 30.0, "slow_at_most": 30.0})],
        "fail",
        (ABOVE, TOO_SLOW),
    ),
    "errors, and latency not known": ([sample({"errors": 7.0, "timed": None})], "fail", (ABOVE,)),
    "latency, and errors not known": (
        [errors(100.0, 0.0), sample({"errors": None, "slow": 30.0, "slow_at_most": 30.0})],
        "fail",
        (TOO_SLOW,),
    ),
    "nothing but requests known, after errors": (
        [errors(100.0, 50.0), Sample(canary=Measurement(requests=100.0))],
        "unmeasured",
        (NO_ERRORS, NO_STABLE, NO_LATENCY),
    ),
    "a check that holds": ([sample(checks=(check(10.0),))], "pass", ()),
    "a check that does not": ([sample(checks=(check(10.5),))], "fail", ("depth is 10.5, not <= 10",)),
    "a check without data": ([sample(checks=(check(None),))], "unmeasured", ("no data on depth",)),
    "a check that is NaN": ([sample(checks=(check(NAN),))], "unmeasured", ("no data on depth",)),
    "a check that is infinite": ([sample(checks=(check(INF, ">"),))], "unmeasured", ("no data on depth",)),
    "a check that does not parse": (
        [sample(checks=(check(None, error=UNPARSED),))],
        "unmeasured",
        (f"no data on depth: {UNPARSED}",),
    ),
    "a check that does not parse hides no errors": (
        [sample({"errors": 100.0}, checks=(check(None, error=UNPARSED),))],
        "fail",
        ("100.0 % errors, above 1 %",),
    ),
    "one check of two without data": (
        [sample(checks=(check(None), check(99.0)))],
        "fail",
        ("depth is 99, not <= 10",),
    ),
    "a check that did not hold before": (
        [sample(checks=(check(99.0),)), sample(checks=(check(1.0),))],
        "pass",
        (),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_sample_says(case: str) -> None:
    samples, outcome, reasons = CASES[case]
    found = judge(samples, LIMITS, PLANNED)
    assert (found.outcome, found.reasons) == (outcome, reasons)


def test_latency_can_be_left_out() -> None:
    limits = replace(LIMITS, max_p99_milliseconds=0)
    assert judge([sample({"timed": None})], limits, PLANNED) == Judgement(outcome="pass")
    assert judge([slow(99.0, 99.0)], limits, PLANNED) == Judgement(outcome="pass")


def test_no_requests_are_never_enough() -> None:
    assert judge([errors(0.0, 0.0)], replace(LIMITS, min_requests=0), PLANNED).outcome == "unmeasured"


def test_without_any_error_allowed_one_is_enough() -> None:
    none = replace(LIMITS, max_error_percent=0.0)
    assert judge([errors(1000.0, 1.0)], none, PLANNED).reasons == ("0.1 % errors, above 0 %",)
    assert judge([errors(1000.0, 0.0)], none, PLANNED) == Judgement(outcome="pass")


def test_all_errors_may_be_allowed() -> None:
    every = replace(LIMITS, max_error_percent=100.0, max_error_increase_percent=100.0)
    assert judge([errors(100.0, 100.0)], every, PLANNED) == Judgement(outcome="pass")


def test_the_more_looks_the_stronger_the_evidence_that_fails() -> None:
    both = [sample({"errors": 6.0}, {"errors": 54.0})]
    assert judge(both, LIMITS, 3).outcome == "fail"
    assert judge(both, LIMITS, 60).undecided


def test_the_level_of_a_test_shares_1_percent_among_the_looks() -> None:
    once = replace(LIMITS, failure_limit=0)
    assert significance(once, 0) == significance(once, 1) == 0.005
    assert significance(once, 9) == pytest.approx(0.01 / 18)
    # A trial that may have a failed sample has to fail twice by chance.
    assert significance(LIMITS, 9) == pytest.approx(0.01 / 9)
    assert significance(replace(LIMITS, failure_limit=100), 9) == 0.01


def test_a_long_trial_is_judged_in_milliseconds() -> None:
    samples = [sample({"requests": 300.0, "errors": number % 4}, {"errors": 2.0}) for number in range(1440)]
    began = process_time()
    for _ in range(10):
        judge(samples, LIMITS, 1440)
    assert process_time() - began < 1


@pytest.mark.parametrize(
    ("comparison", "below", "equal", "above"),
    [
        ("<=", True, True, False),
        (">=", False, True, True),
        ("<", True, False, False),
        (">", False, False, True),
    ],
)
def test_comparisons(comparison: str, below: bool, equal: bool, above: bool) -> None:
    assert [holds(check(value, comparison)) for value in (9.0, 10.0, 11.0)] == [below, equal, above]
    assert not holds(check(None, comparison))
