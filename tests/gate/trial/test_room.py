"""The stable track gets room before the canary goes, where an autoscaler has made it small."""

from dataclasses import dataclass, replace

import pytest

from components.cluster import ClusterError
from components.gate.interruption import InterruptedTrialError
from tests.gate.simulated_trial import PLAN, Cluster, World, reason_of
from tests.support import simulated_cluster as simulated

HALF = replace(PLAN, steps=(50,))
GROWN = "stable track scaled from 9 to 18 pods, to take over the canary's share"


def scaled(world: World) -> list[tuple[str, int]]:
    return [(name, replicas) for name, replicas in world.state["scaled"]]


def test_after_a_pass_the_canary_goes_once_the_stable_track_has_room(world: World) -> None:
    simulated.autoscale(world.state, cpu=60)
    world.state["start_seconds"]["shop"] = 20
    world.trial(HALF).run()
    assert scaled(world) == [("shop-canary", 9), ("shop", 18), ("shop-canary", 0)]
    assert world.said[-1] == GROWN
    ready = simulated.ready(world.state, "shop", world.clock.now)
    assert ready == 18, "the canary has just been asked to go"


def test_a_bad_version_goes_within_ten_seconds(world: World) -> None:
    simulated.autoscale(world.state, cpu=60)
    world.state["start_seconds"]["shop"] = 20
    world.set(errors=100.0)()
    trial = world.trial(HALF)
    reason_of(trial)
    assert scaled(world) == [("shop-canary", 9), ("shop", 18), ("shop-canary", 0)]
    assert world.said[-2:] == [
        GROWN,
        "the stable track has 9 of 18 pods ready after 10 s; the canary goes all the same",
    ]
    assert world.clock.now <= 4 + PLAN.warmup + 2 * PLAN.interval + 10 + 2


def test_the_autoscalers_maximum_is_kept(world: World) -> None:
    simulated.autoscale(world.state, cpu=60, most=12)
    world.trial(HALF).run()
    assert ("shop", 12) in scaled(world)


def test_what_is_not_measured_counts_as_fully_used(world: World) -> None:
    simulated.autoscale(world.state, cpu=None)
    world.trial(HALF).run()
    assert ("shop", 18) in scaled(world)


@pytest.mark.parametrize("cpu", [0, 20, 30])
def test_a_stable_track_that_has_room_is_left_alone(world: World, cpu: int) -> None:
    simulated.autoscale(world.state, cpu=cpu)
    world.trial(HALF).run()
    assert scaled(world) == [("shop-canary", 9), ("shop-canary", 0)]


def test_without_an_autoscaler_nobody_has_made_it_small(world: World) -> None:
    world.trial(HALF).run()
    assert scaled(world) == [("shop-canary", 9), ("shop-canary", 0)]


def test_a_canary_that_takes_no_traffic_has_none_to_hand_over(world: World) -> None:
    simulated.autoscale(world.state, cpu=60)
    world.set(crash_after=0)()
    reason_of(world.trial(HALF))
    assert scaled(world) == [("shop-canary", 9), ("shop-canary", 0)]


def test_a_canary_that_crashes_while_it_hands_over_is_not_promoted(world: World) -> None:
    simulated.autoscale(world.state, cpu=60)
    world.state["start_seconds"]["shop"] = 50
    world.clock.at(310, world.set(crash_after=0))
    assert "crashed: Error" in reason_of(world.trial(HALF))
    assert scaled(world) == [("shop-canary", 9), ("shop", 18), ("shop-canary", 0)], "scaled once"


def test_an_interrupted_trial_does_not_wait(world: World) -> None:
    simulated.autoscale(world.state, cpu=60)

    def interrupt() -> None:
        raise InterruptedTrialError("SIGTERM")

    world.clock.at(100, interrupt)
    with pytest.raises(InterruptedTrialError):
        world.trial(HALF).run()
    assert scaled(world) == [("shop-canary", 9), ("shop", 18), ("shop-canary", 0)]
    assert world.clock.now <= 102


def test_a_trial_that_is_interrupted_while_it_waits_ends_without_pods(world: World) -> None:
    simulated.autoscale(world.state, cpu=60)
    world.state["start_seconds"]["shop"] = 50

    def interrupt() -> None:
        raise InterruptedTrialError("the update that started the trial has ended")

    world.clock.at(310, interrupt)
    with pytest.raises(InterruptedTrialError):
        world.trial(HALF).run()
    assert world.canary_wanted == 0


def test_an_autoscaler_that_cannot_be_read_keeps_no_bad_version(world: World) -> None:
    @dataclass(frozen=True, kw_only=True)
    class Forbidding(Cluster):
        def run(self, *arguments: str, stdin: str = "") -> str:
            if arguments[1] == "horizontalpodautoscaler":
                raise ClusterError("Error from server (Forbidden)")
            return super().run(*arguments)

    world.set(errors=100.0)()
    reason_of(world.trial(HALF, cluster=Forbidding(clock=world.clock, state=world.state)))
    assert world.canary_wanted == 0
    assert world.said[-1] == (
        "the stable track may be short of pods, as it could not be scaled: Error from server (Forbidden)"
    )
