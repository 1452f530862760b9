"""What holds for the judgement of any trial there could be."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from components.analysis.judging.judge import Limits, judge
from components.analysis.samples import Check, Measurement, Sample
from tests.support.judged_samples import INF, NAN, PLANNED, errors

quick = settings(derandomize=True, max_examples=100, deadline=None)

numbers = st.none() | st.sampled_from([NAN, INF, -INF, 0.0]) | st.floats(0, 1000)
tracks = st.builds(
    Measurement, requests=numbers, errors=numbers, timed=numbers, slow=numbers, slow_at_most=numbers
)
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
trials = st.lists(
    samples | st.builds(errors, st.integers(0, 1000), st.integers(0, 30)), min_size=1, max_size=9
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


@quick
@given(trials, limits_of_all_kinds)
def test_only_a_pass_has_no_reason_and_may_have_a_note(trial: list[Sample], limits: Limits) -> None:
    found = judge(trial, limits, PLANNED)
    assert (found.outcome == "pass") == (found.reasons == ())
    assert found.outcome == "pass" or not found.note
    assert bool(found.note) >= found.undecided


def share(trial: Sequence[Sample], hits: str, total: str) -> float:
    """The canary's share over a whole trial, summed in another way."""
    every = sum(getattr(one.canary, total) for one in trial)
    return 100 * sum(getattr(one.canary, hits) for one in trial) / every


def stable_share(trial: Sequence[Sample]) -> float:
    """The stable track's share of errors, each sample weighed by the canary's requests."""
    weights = [Fraction(one.canary.requests or 0) for one in trial]
    totals = [Fraction(one.stable.requests or 0) for one in trial]
    errors = [Fraction(one.stable.errors or 0) for one in trial]
    worth = sum(weights) / sum(w * w / t for w, t in zip(weights, totals, strict=True))
    mean = sum(w * e / t for w, e, t in zip(weights, errors, totals, strict=True))
    return 100 * round(mean * worth) / round(sum(weights) * worth)


whole_tracks = st.integers(20, 2000).flatmap(
    lambda total: st.builds(
        Measurement,
        requests=st.just(total),
        errors=st.integers(0, 20),
        timed=st.just(total),
        slow=st.integers(0, 10),
        slow_at_most=st.integers(10, 20),
    )
)
whole_trials = st.lists(st.builds(Sample, canary=whole_tracks, stable=whole_tracks), min_size=1, max_size=9)


@quick
@given(whole_trials, limits_of_all_kinds)
def test_a_pass_is_within_every_limit_or_notes_it(trial: list[Sample], limits: Limits) -> None:
    found = judge(trial, replace(limits, min_requests=20), PLANNED)
    above: list[bool] = []
    for part in (trial, trial[-1:]):
        own, stable = share(part, "errors", "requests"), stable_share(part)
        slow_at_most = share(part, "slow_at_most", "timed") if limits.max_p99_milliseconds else 0.0
        over = own > limits.max_error_percent or own > stable + limits.max_error_increase_percent
        above.append(over or slow_at_most > 1)
    if found.outcome == "pass":
        assert found.undecided == above[0]
        assert bool(found.note) == any(above)
    if not any(above):
        assert found.outcome == "pass"


@quick
@given(trials, limits_of_all_kinds, st.data())
def test_taking_data_away_never_makes_a_pass(
    trial: list[Sample], limits: Limits, data: st.DataObject
) -> None:
    none = st.sampled_from([None, NAN])
    of = trial[-1]

    def without(track: Measurement) -> Measurement:
        gone = data.draw(st.sets(st.sampled_from(["requests", "errors", "timed", "slow", "slow_at_most"])))
        return replace(track, **{field: data.draw(none) for field in gone})

    less = replace(
        of,
        canary=without(of.canary),
        stable=without(of.stable),
        checks=tuple(replace(c, value=data.draw(none)) if data.draw(st.booleans()) else c for c in of.checks),
    )
    if less != of and judge(trial, limits, PLANNED).outcome != "pass":
        assert judge([*trial[:-1], less], limits, PLANNED).outcome != "pass"
