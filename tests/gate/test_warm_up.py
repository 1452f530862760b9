"""New pods of the canary warm up before they count, whoever made them."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest

from components.analysis import Sampler
from components.gate.plan import Plan
from tests.gate.simulated_trial import PLAN, World
from tests.support import simulated_cluster as simulated
from tests.support.limits import LIMITS


def warm_ups(world: World) -> int:
    return sum("warming up 30 s" in line for line in world.said)


def test_pods_that_are_slow_at_first_pass_at_each_step(world: World) -> None:
    world.set(slow_for=25.0)()
    world.trial(replace(PLAN, steps=(10, 25, 50), analysis=450)).run()
    assert world.outcomes == ["pass"] * 12
    assert warm_ups(world) == 3


def test_pods_that_an_autoscaler_of_the_stable_track_makes_room_for_warm_up(world: World) -> None:
    world.set(slow_for=25.0)()
    world.clock.at(80, world.scale("shop", 18))
    world.trial().run()
    assert world.canary_scaled == [1, 2, 0]
    assert set(world.outcomes) == {"pass"}
    assert warm_ups(world) == 2


def test_a_pod_that_replaces_another_one_warms_up(world: World) -> None:
    world.set(slow_for=25.0)()
    world.clock.at(70, lambda: world.evict("shop-canary"))
    world.trial().run()
    assert "fail" not in world.outcomes
    assert warm_ups(world) == 2


def test_a_smaller_share_needs_no_warm_up(world: World) -> None:
    world.state = simulated.cluster(stable=18)
    world.clock.at(80, world.scale("shop", 9))
    world.trial().run()
    assert world.canary_scaled == [2, 1, 0]
    assert warm_ups(world) == 1


def test_after_a_failed_sample_no_pod_is_added_and_the_next_sample_is_an_interval_later(world: World) -> None:
    world.clock.at(64, world.set(errors=100.0))
    with pytest.raises(Exception, match="2 of 3 samples failed"):
        world.trial(replace(PLAN, steps=(10, 50), analysis=180)).run()
    assert world.canary_scaled == [1, 0], "the step that was due is not taken"
    assert world.clock.now <= 64 + 2 * PLAN.interval + 2


def test_without_a_baseline_the_next_sample_says_so_and_the_trial_goes_on(world: World) -> None:
    world.clock.at(30, lambda: world.state.update(prometheus_is_away=True))
    world.clock.at(40, lambda: world.state.update(prometheus_is_away=False))
    world.trial().run()
    assert world.outcomes == ["unmeasured", *["pass"] * 9]
    (line,) = [line for line in world.said if "unmeasured" in line]
    assert "Prometheus did not answer when counting was to begin" in line


def test_the_sampler_is_told_of_the_kubelets_own_requests(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Mapping[str, float]] = []
    sample = Sampler.sample

    def watched(sampler: Sampler, canary: Collection[str], stable: Any, expected: Mapping[str, float]) -> Any:
        told.append(expected)
        return sample(sampler, canary, stable, expected)

    monkeypatch.setattr(Sampler, "sample", watched)
    world.trial().run()
    assert told[0]["shop-canary-10"] == 3.0, "a readiness probe every 10 s, for 30 s"
    assert set(told[0]) == {"shop-canary-10", *(f"shop-{number}" for number in range(1, 10))}


@pytest.mark.parametrize(
    ("steps", "analysis", "warmup", "planned"),
    [((10,), 300, 30, 9), ((10, 25, 50), 300, 30, 7), ((10, 25, 50), 60, 30, 3), ((10,), 300, 0, 10)],
)
def test_the_warm_up_of_each_step_is_part_of_the_analysis(
    steps: tuple[int, ...], analysis: int, warmup: int, planned: int
) -> None:
    plan = Plan(
        steps=steps, analysis=analysis, interval=30, warmup=warmup, start=60, eviction_limit=2, limits=LIMITS
    )
    assert plan.planned == planned


def test_a_trial_that_goes_on_undecided_shows_how_long_at_most() -> None:
    assert [PLAN.progress(measured) for measured in (1, 9, 10)] == ["1/9", "9/9", "10/18"]
