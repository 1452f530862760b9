"""What the samples of a trial come to, and how many pods it gets."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.analysis.judging.judge import (
    Judgement,
    Limits,
    Outcome,
    canary_pods,
    decide,
    judge,
    stable_pods_needed,
)
from components.analysis.samples import Measurement, Sample
from tests.support.limits import LIMITS

quick = settings(derandomize=True, max_examples=100, deadline=None)
limits_of_all_kinds = st.builds(
    replace,
    st.just(LIMITS),
    failure_limit=st.integers(0, 4),
    unmeasured_limit=st.integers(0, 4),
)

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
LETTERS: dict[str, Outcome] = {"p": "pass", "d": "pass", "f": "fail", "u": "unmeasured"}


def verdicts(letters: str) -> list[Judgement]:
    return [Judgement(outcome=LETTERS[letter], undecided=letter == "d") for letter in letters]


@pytest.mark.parametrize("letters", SEQUENCES)
def test_samples_come_to(letters: str) -> None:
    assert decide(verdicts(letters), LIMITS, 4) == SEQUENCES[letters]


# As above; `d` passes, undecided.
UNDECIDED = {
    "pppd": "continue",
    "pppdp": "promote",
    "dddp": "promote",
    "pppdddd": "continue",
    "pppddddd": "promote",
    "pppddddf": "continue",
    "pppddddfd": "promote",
    "pppdfdf": "roll back",
    "pppduuuu": "inconclusive",
    "uuupppddd": "continue",
    "uuupppddddd": "promote",
}


@pytest.mark.parametrize("letters", UNDECIDED)
def test_an_undecided_trial_goes_on_at_most_as_long_again(letters: str) -> None:
    assert decide(verdicts(letters), LIMITS, 4) == UNDECIDED[letters]


def test_with_no_failure_allowed_the_first_is_the_last() -> None:
    assert decide(verdicts("f"), replace(LIMITS, failure_limit=0), 1) == "roll back"
    assert decide(verdicts("u"), replace(LIMITS, unmeasured_limit=0), 1) == "inconclusive"


outcomes = st.lists(st.sampled_from("ppppdffu"), max_size=20).map(lambda letters: verdicts("".join(letters)))


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


@pytest.mark.parametrize("burst", [10, 40, 100])
def test_a_burst_of_slow_answers_fails_its_own_sample_alone(burst: int) -> None:
    """As one of errors does, also where it makes up too much of the whole for chance."""
    samples: list[Sample] = []
    judgements: list[Judgement] = []
    while len(judgements) < 30:
        slow = float(burst) if len(samples) == 1 else 0.0
        canary = Measurement(requests=100, errors=0, timed=100, slow=slow, slow_at_most=slow)
        stable = Measurement(requests=900, errors=0, timed=900, slow=0, slow_at_most=0)
        samples.append(Sample(canary=canary, stable=stable))
        judgements.append(judge(samples, LIMITS, 9))
        if decide(judgements, LIMITS, 9) != "continue":
            break
    assert decide(judgements, LIMITS, 9) == "promote"
    assert [judgement.outcome for judgement in judgements].count("fail") == 1
