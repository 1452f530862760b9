"""The bars of a trial, by simulation with fixed seeds: rarely a false alarm, and bad versions found.

`python -m docs.power` writes docs/canary-power.md from the same simulation.
"""

from dataclasses import replace
from random import Random

import pytest

from components.analysis.judging.judge import Judgement, decide, judge
from components.analysis.samples import Sample
from tests.support.limits import LIMITS
from tests.support.simulated_trials import Result, Setup, Version, always, draw, measured, share_of, simulate

GOOD = Version(errors=0.1)


def trials(setup: Setup, count: int, seed: int = 13) -> list[Result]:
    random = Random(seed)  # noqa: S311 - no secret
    return [simulate(setup, random) for _ in range(count)]


def not_promoted(setup: Setup, count: int) -> float:
    return 100 - share_of("promote", trials(setup, count))


@pytest.mark.parametrize(("rate", "failure_limit"), [(0.1, 1), (0.2, 1), (0.4, 1), (0.5, 1), (0.5, 0)])
def test_identical_versions_are_rolled_back_in_under_1_percent(rate: float, failure_limit: int) -> None:
    version = Version(errors=rate)
    results = [
        result
        for requests in (20, 50, 100, 300)
        for share in (10, 33, 50)
        for result in trials(
            Setup(
                stable=version,
                canary=always(version),
                requests=requests,
                share=share,
                limits=replace(LIMITS, failure_limit=failure_limit),
            ),
            125,
        )
    ]
    assert len(results) == 1500
    assert share_of("roll back", results) < 1
    assert share_of("promote", results) > 99


@pytest.mark.parametrize(("planned", "requests", "count"), [(3, 300, 400), (60, 100, 20), (200, 20, 3)])
def test_so_they_are_with_other_plans(planned: int, requests: int, count: int) -> None:
    version = Version(errors=0.5)
    setup = Setup(stable=version, canary=always(version), requests=requests, planned=planned)
    assert share_of("roll back", trials(setup, count)) < 1


@pytest.mark.parametrize("total", [1000, 3000])
def test_so_they_are_in_steps_while_both_get_worse(total: int) -> None:
    """Summed over the steps the canary has most of its requests in the bad half, and stable few."""
    random = Random(13)  # noqa: S311 - no secret

    def rolled_back() -> bool:
        samples: list[Sample] = []
        judgements: list[Judgement] = []
        decision = "continue"
        while decision == "continue":
            number = len(samples)
            version = Version(errors=0.1 if number < 5 else 0.9)
            requests = total * (5, 25, 50)[min(number // 3, 2)] // 100
            canary, stable = (measured(version, n, random) for n in (requests, total - requests))
            samples.append(Sample(canary=canary, stable=stable))
            judgements.append(judge(samples, LIMITS, 9))
            decision = decide(judgements, LIMITS, 9)
        return decision == "roll back"

    assert sum(rolled_back() for _ in range(300)) < 3


def test_an_identical_latency_is_no_reason() -> None:
    version = Version(slow=0.5)
    for requests in (20, 100, 300):
        setup = Setup(stable=version, canary=always(version), requests=requests)
        assert share_of("promote", trials(setup, 150)) > 99


@pytest.mark.parametrize("share", [10, 33, 50])
@pytest.mark.parametrize("requests", [50, 100, 300])
def test_3_percent_of_errors_are_found(requests: int, share: int) -> None:
    setup = Setup(stable=GOOD, canary=always(Version(errors=3)), requests=requests, share=share)
    assert not_promoted(setup, 1500 if (requests, share) == (50, 50) else 300) >= 99


@pytest.mark.parametrize("requests", [50, 100, 300])
def test_5_percent_of_slow_answers_are_found(requests: int) -> None:
    stable, canary = Version(slow=0.5), Version(slow=5)
    assert not_promoted(Setup(stable=stable, canary=always(canary), requests=requests), 300) >= 99


@pytest.mark.parametrize("share", [10, 50])
@pytest.mark.parametrize("requests", [20, 300])
def test_nothing_but_errors_is_rolled_back_at_the_second_sample(requests: int, share: int) -> None:
    setup = Setup(stable=GOOD, canary=always(Version(errors=100)), requests=requests, share=share)
    assert set(trials(setup, 100)) == {Result(decision="roll back", samples=2)}


@pytest.mark.parametrize("share", [10, 50])
def test_a_canary_that_turns_bad_late_is_found(share: int) -> None:
    def late(number: int) -> Version:
        return Version(errors=5) if number >= 6 else GOOD

    assert not_promoted(Setup(stable=GOOD, canary=late, requests=300, share=share), 300) >= 99


def test_a_single_burst_is_forgiven_and_a_second_is_not() -> None:
    def bursts(*numbers: int) -> Setup:
        return Setup(
            stable=GOOD,
            canary=lambda number: Version(errors=30 if number in numbers else 0),
            requests=300,
        )

    assert not_promoted(bursts(2), 50) == 0
    assert not_promoted(bursts(2, 6), 50) == 100


def test_draws_are_those_of_the_rate() -> None:
    """Mean and variance of 20,000 draws, and the certain ones."""
    random = Random(7)  # noqa: S311 - no secret
    drawn = [draw(300, 0.03, random) for _ in range(20_000)]
    mean = sum(drawn) / len(drawn)
    assert mean == pytest.approx(9, abs=0.1)
    assert sum((one - mean) ** 2 for one in drawn) / len(drawn) == pytest.approx(8.73, rel=0.05)
    assert [draw(7, p, random) for p in (0.0, 1.0)] == [0, 7]
