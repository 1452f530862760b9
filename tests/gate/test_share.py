"""The share of the canary: steps, and stable pods that come and go."""

from dataclasses import replace

from tests.gate.simulated_trial import PLAN, World, reason_of


def test_steps_follow_each_other(world: World) -> None:
    world.trial(replace(PLAN, steps=(10, 25, 50))).run()
    assert world.canary_scaled == [1, 3, 9, 0]
    assert world.outcomes == ["pass"] * 7, "each step has a warm-up of the length of a sample"
    shares = [line.split()[2] for line in world.said if " pass " in line]
    assert shares == ["10"] * 3 + ["25"] * 2 + ["50"] * 2


def test_each_step_has_a_sample_however_short_the_trial(world: World) -> None:
    plan = replace(PLAN, steps=(10, 25, 50), analysis=60)
    assert plan.planned == 3
    world.trial(plan).run()
    assert world.canary_scaled == [1, 3, 9, 0]


def test_a_step_is_taken_only_after_samples_with_a_verdict(world: World) -> None:
    world.clock.at(90, lambda: world.state.update(prometheus_is_away=True))
    world.clock.at(150, lambda: world.state.update(prometheus_is_away=False))
    world.trial(replace(PLAN, steps=(10, 50))).run()
    steps = [line.split()[2] for line in world.said if "% of pods  canary" in line]
    assert steps == ["10"] * 6 + ["50"] * 4, "four with a verdict, two without"


def test_the_share_follows_the_stable_track(world: World) -> None:
    world.clock.at(80, world.scale("shop", 18))
    world.clock.at(200, world.scale("shop", 9))
    world.trial().run()
    assert world.canary_scaled == [1, 2, 1, 0]


def test_stable_pods_that_are_not_ready_yet_take_no_share(world: World) -> None:
    world.state["start_seconds"]["shop"] = 100
    world.clock.at(100, world.scale("shop", 18))
    world.trial(replace(PLAN, analysis=600)).run()
    assert world.canary_scaled == [1, 2, 0]
    assert max(world.shares) == 10.0, "two canary pods beside nine would be more"


def test_too_few_stable_pods_leave_no_room(world: World) -> None:
    world.scale("shop", 8)()
    world.state["scaled"].clear()
    reason = "10 % beside 8 stable pods is less than one pod; it takes 9 stable pods"
    assert reason_of(world.trial()) == reason
    assert world.said == [f"the trial waits: {reason}"]
    assert world.canary_scaled == []


def test_an_autoscaler_may_add_the_pods_that_leave_room(world: World) -> None:
    world.scale("shop", 8)()
    world.state["scaled"].clear()
    world.clock.at(10, world.scale("shop", 9))
    world.trial().run()
    assert world.canary_scaled == [1, 0]


def test_weights_are_even_shares_of_the_verdicts() -> None:
    plan = replace(PLAN, steps=(10, 20, 30), analysis=390)
    assert plan.planned == 10
    assert [plan.weight(measured) for measured in range(12)] == [10] * 4 + [20] * 3 + [30] * 5
