"""What is kept of a trial for the picture of it."""

from components.cluster import parse_points
from tests.gate.simulated_gate import Gate
from tests.gate.simulated_trial import World


def test_a_trial_leaves_its_samples_and_steps(world: World) -> None:
    trial = world.trial()
    trial.run()
    points = trial.timeline.points
    assert points.began == "2026-01-01T00:00:00Z"
    assert (points.max_error_percent, points.max_p99_milliseconds) == (1.0, 500)
    assert [point.second for point in points.points] == [64 + 30 * number for number in range(9)]
    first = points.points[0]
    assert (first.outcome, first.share, first.reason) == ("pass", 10.0, "")
    assert (first.canary.requests, first.stable.requests) == (100.0, 900.0)
    assert first.canary.p99_milliseconds is not None
    assert round(first.canary.p99_milliseconds, 1) == 24.8
    assert points.steps == ((4, "10 % of pods"), (34, "warmed up"))


def test_the_canary_keeps_them_with_the_verdict(here: Gate) -> None:
    here.state["new"]["errors"] = 100.0
    here.run()
    points = parse_points(here.annotations["goservice/points"])
    assert points is not None
    assert [point.outcome for point in points.points] == ["fail", "fail"]
    assert points.steps[-1] == (94, "rolled back: 2 of 2 samples failed: 100.0 % errors, above 1 %")


def test_a_version_that_was_not_tried_keeps_no_picture_of_another_one(here: Gate) -> None:
    here.run()
    assert "goservice/points" in here.annotations
    here.run(skip=True)
    assert "goservice/points" not in here.annotations
