"""What samples say: tables of edges, and what holds for every trial there could be."""

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.analysis.judge import (
    Judgement,
    Limits,
    Outcome,
    canary_pods,
    decide,
    holds,
    judge,
    stable_pods_needed,
)
from components.analysis.samples import Check, Measurement, Sample
from tests.support.limits import LIMITS

NAN, INF = math.nan, math.inf
GOOD = Measurement(requests=100.0, errors=0.0, p99_seconds=0.02)
STABLE = Measurement(requests=900.0, errors=0.0, p99_seconds=0.02)

quick = settings(derandomize=True, max_examples=100, deadline=None)


def sample(canary: dict[str, Any] | None = None, stable: dict[str, Any] | None = None, **more: Any) -> Sample:
    """A sample of two tracks that do well, but for what is given."""
    return Sample(canary=replace(GOOD, **canary or {}), stable=replace(STABLE, **stable or {}), **more)


def check(value: float | None, comparison: Any = "<=", bound: float = 10.0) -> Check:
    return Check(name="depth", comparison=comparison, bound=bound, value=value)


FEW = "fewer than 20"
NO_REQUESTS = "no data on the canary's requests"
NO_ERRORS = "no data on the canary's errors"
NO_STABLE = "no data on the stable track to compare with"
NO_LATENCY = "no data on the canary's latency"
MORE = "% errors, more than 0.5 points above the stable track's"
CASES: dict[str, tuple[Sample, Outcome, tuple[str, ...]]] = {
    "well": (sample(), "pass", ()),
    "nothing at all": (Sample(), "unmeasured", (NO_REQUESTS,)),
    "Prometheus is away": (sample(error="it is away"), "unmeasured", ("it is away",)),
    "no requests known": (sample({"requests": None}), "unmeasured", (NO_REQUESTS,)),
    "requests NaN": (sample({"requests": NAN}), "unmeasured", (NO_REQUESTS,)),
    "requests infinite": (sample({"requests": INF}), "unmeasured", (NO_REQUESTS,)),
    "no requests": (sample({"requests": 0.0}), "unmeasured", (f"0 requests, {FEW}",)),
    "one too few": (sample({"requests": 19.0}), "unmeasured", (f"19 requests, {FEW}",)),
    "just enough": (sample({"requests": 20.0}), "pass", ()),
    # After a restart of the container increase() sees what came since, which is less.
    "counters began anew": (sample({"requests": 3.4, "errors": 3.4}), "unmeasured", (f"3 requests, {FEW}",)),
    "errors not known": (sample({"errors": None}), "unmeasured", (NO_ERRORS,)),
    "errors NaN": (sample({"errors": NAN}), "unmeasured", (NO_ERRORS,)),
    "errors at the limit": (sample({"errors": 1.0}, {"errors": 4.5}), "pass", ()),
    "errors above the limit": (sample({"errors": 1.1}), "fail", ("1.1 % errors, above 1 %",)),
    "only errors": (sample({"errors": 100.0}), "fail", ("100.0 % errors, above 1 %",)),
    "errors above the limit, of both": (
        sample({"errors": 5.0}, {"errors": 45.0}),
        "fail",
        ("5.0 % errors, above 1 %",),
    ),
    "as many more errors as allowed": (sample({"errors": 0.5}), "pass", ()),
    "too many more errors": (sample({"errors": 0.6}), "fail", (f"0.6 {MORE} 0.0 %",)),
    "too many more errors than some": (
        sample({"errors": 0.9}, {"errors": 2.7}),
        "fail",
        (f"0.9 {MORE} 0.3 %",),
    ),
    "one stable pod": (sample(stable={"requests": 25.0}), "pass", ()),
    "no stable traffic known": (Sample(canary=GOOD), "unmeasured", (NO_STABLE,)),
    "no stable traffic": (sample(stable={"requests": 0.0}), "unmeasured", (NO_STABLE,)),
    "stable NaN": (sample(stable={"requests": NAN}), "unmeasured", (NO_STABLE,)),
    "errors without stable traffic": (
        Sample(canary=replace(GOOD, errors=2.0)),
        "fail",
        ("2.0 % errors, above 1 %",),
    ),
    "latency not known": (sample({"p99_seconds": None}), "unmeasured", (NO_LATENCY,)),
    "latency NaN": (sample({"p99_seconds": NAN}), "unmeasured", (NO_LATENCY,)),
    "latency infinite": (sample({"p99_seconds": INF}), "unmeasured", (NO_LATENCY,)),
    "latency at the limit": (sample({"p99_seconds": 0.5}), "pass", ()),
    "latency above the limit": (sample({"p99_seconds": 0.501}), "fail", ("p99 501 ms, above 500 ms",)),
    "errors and latency": (
        sample({"errors": 7.0, "p99_seconds": 2.0}),
        "fail",
        ("7.0 % errors, above 1 %", "p99 2000 ms, above 500 ms"),
    ),
    "errors, and latency not known": (
        sample({"errors": 7.0, "p99_seconds": None}),
        "fail",
        ("7.0 % errors, above 1 %",),
    ),
    "a check that holds": (sample(checks=(check(10.0),)), "pass", ()),
    "a check that does not": (sample(checks=(check(10.5),)), "fail", ("depth is 10.5, not <= 10",)),
    "a check without data": (sample(checks=(check(None),)), "unmeasured", ("no data on depth",)),
    "a check that is NaN": (sample(checks=(check(NAN),)), "unmeasured", ("no data on depth",)),
    "a check that is infinite": (sample(checks=(check(INF, ">"),)), "unmeasured", ("no data on depth",)),
    "one check of two without data": (
        sample(checks=(check(None), check(99.0))),
        "fail",
        ("depth is 99, not <= 10",),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_sample_says(case: str) -> None:
    given_sample, outcome, reasons = CASES[case]
    assert judge(given_sample, LIMITS) == Judgement(outcome=outcome, reasons=reasons)


def test_latency_can_be_left_out() -> None:
    limits = replace(LIMITS, max_p99_milliseconds=0)
    assert judge(sample({"p99_seconds": None}), limits).outcome == "pass"
    assert judge(sample({"p99_seconds": 99.0}), limits).outcome == "pass"


def test_no_requests_are_never_enough() -> None:
    assert judge(sample({"requests": 0.0}), replace(LIMITS, min_requests=0)).outcome == "unmeasured"


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


# p pass, f fail, u unmeasured; four verdicts planned, one failure and three unmeasured in a row allowed
SEQUENCES = {
    "": "continue",
    "ppp": "continue",
    "pppp": "promote",
    "pfpp": "promote",
    "pppf": "continue",
    "pppfp": "promote",
    "pppfup": "promote",
    "pppfu": "continue",
    "pppu": "continue",
    "pppup": "promote",
    "ff": "roll back",
    "fppf": "roll back",
    "fuuuf": "roll back",
    "uuu": "continue",
    "uuuu": "inconclusive",
    "ppuuuu": "inconclusive",
    "fuuuu": "inconclusive",
    "uuupuuupuuupuuup": "promote",
    "uuupuuupuuupuuu": "continue",
}
LETTERS: dict[str, Outcome] = {"p": "pass", "f": "fail", "u": "unmeasured"}


def verdicts(letters: str) -> list[Judgement]:
    return [Judgement(outcome=LETTERS[letter]) for letter in letters]


@pytest.mark.parametrize("letters", SEQUENCES)
def test_samples_come_to(letters: str) -> None:
    assert decide(verdicts(letters), LIMITS, 4) == SEQUENCES[letters]


def test_with_no_failure_allowed_the_first_is_the_last() -> None:
    assert decide(verdicts("f"), replace(LIMITS, failure_limit=0), 1) == "roll back"
    assert decide(verdicts("u"), replace(LIMITS, unmeasured_limit=0), 1) == "inconclusive"


numbers = st.none() | st.sampled_from([NAN, INF, -INF, 0.0]) | st.floats(0, 1000)
tracks = st.builds(Measurement, requests=numbers, errors=numbers, p99_seconds=numbers)
checks = st.builds(
    Check,
    name=st.sampled_from(["a", "b"]),
    comparison=st.sampled_from(["<=", ">=", "<", ">"]),
    bound=st.floats(-100, 100),
    value=numbers,
)
samples = st.builds(
    Sample,
    canary=tracks,
    stable=tracks,
    checks=st.lists(checks, max_size=2).map(tuple),
    error=st.sampled_from(["", "away"]),
)
limits_of_all_kinds = st.builds(
    Limits,
    min_requests=st.integers(0, 50),
    max_error_percent=st.floats(0, 100),
    max_error_increase_percent=st.floats(0, 100),
    max_p99_milliseconds=st.integers(0, 1000),
    failure_limit=st.integers(0, 4),
    unmeasured_limit=st.integers(0, 4),
)
outcomes = st.lists(st.sampled_from("ppppffu"), max_size=20).map(lambda letters: verdicts("".join(letters)))


@quick
@given(samples, limits_of_all_kinds)
def test_only_a_pass_has_no_reason(of: Sample, limits: Limits) -> None:
    verdict = judge(of, limits)
    assert (verdict.outcome == "pass") == (verdict.reasons == ())


@quick
@given(samples, limits_of_all_kinds)
def test_a_pass_is_within_every_limit(of: Sample, limits: Limits) -> None:
    """Judged again from the numbers, in another way. Rounding aside."""
    if judge(of, limits).outcome != "pass":
        return
    requests, errors, p99 = of.canary.requests, of.canary.errors, of.canary.p99_seconds
    assert requests is not None
    assert requests >= max(limits.min_requests, 1)
    assert errors is not None
    assert 100 * errors / requests <= limits.max_error_percent + 1e-9
    assert of.stable.requests
    assert of.stable.errors is not None
    more = 100 * errors / requests - 100 * of.stable.errors / of.stable.requests
    assert more <= limits.max_error_increase_percent + 1e-9
    assert not limits.max_p99_milliseconds or (p99 is not None and p99 * 1000 <= limits.max_p99_milliseconds)
    assert all(one.value is not None and holds(one) for one in of.checks)


@quick
@given(samples, limits_of_all_kinds, st.data())
def test_taking_data_away_never_makes_a_pass(of: Sample, limits: Limits, data: st.DataObject) -> None:
    none = st.sampled_from([None, NAN])

    def without(track: Measurement) -> Measurement:
        gone = data.draw(st.sets(st.sampled_from(["requests", "errors", "p99_seconds"])))
        return replace(track, **{field: data.draw(none) for field in gone})

    less = replace(
        of,
        canary=without(of.canary),
        stable=without(of.stable),
        checks=tuple(replace(c, value=data.draw(none)) if data.draw(st.booleans()) else c for c in of.checks),
    )
    if judge(of, limits).outcome != "pass":
        assert judge(less, limits).outcome != "pass"


@quick
@given(outcomes, limits_of_all_kinds, st.integers(1, 10))
def test_nothing_but_enough_verdicts_and_a_pass_at_the_end_promotes(
    said: list[Judgement], limits: Limits, planned: int
) -> None:
    if decide(said, limits, planned) == "promote":
        judged = [verdict.outcome for verdict in said if verdict.outcome != "unmeasured"]
        assert len(judged) >= planned
        assert said[-1].outcome == "pass"
        assert judged.count("fail") <= limits.failure_limit


@quick
@given(outcomes, limits_of_all_kinds, st.integers(1, 10))
def test_unmeasured_samples_count_for_nothing(said: list[Judgement], limits: Limits, planned: int) -> None:
    """Without them a trial comes to the same, unless they end it or it ends in one."""
    judged = [verdict for verdict in said if verdict.outcome != "unmeasured"]
    decided = decide(said, limits, planned)
    if said and said[-1].outcome == "unmeasured":
        assert decided != "promote"
    else:
        assert decided == decide(judged, limits, planned)


@quick
@given(outcomes, limits_of_all_kinds, st.integers(1, 10), st.data())
def test_more_failures_never_help(
    said: list[Judgement], limits: Limits, planned: int, data: st.DataObject
) -> None:
    worse = [Judgement(outcome="fail") if data.draw(st.booleans()) else verdict for verdict in said]
    before, after = decide(said, limits, planned), decide(worse, limits, planned)
    if before == "roll back":
        assert after == "roll back"
    place = data.draw(st.integers(0, len(said)))
    longer = [*said[:place], Judgement(outcome="fail"), *said[place:]]
    if before == "roll back":
        assert decide(longer, limits, planned) == "roll back"


def test_the_canary_has_the_most_pods_within_its_share() -> None:
    for weight in range(1, 51):
        for stable in range(501):
            pods = canary_pods(stable, weight)
            assert pods >= 0
            if pods:
                assert Fraction(100 * pods, pods + stable) <= weight
            assert Fraction(100 * (pods + 1), pods + 1 + stable) > weight


def test_the_stable_pods_needed_are_the_fewest_that_allow_a_canary() -> None:
    for weight in range(1, 51):
        needed = stable_pods_needed(weight)
        assert canary_pods(needed, weight) >= 1
        assert canary_pods(needed - 1, weight) == 0
