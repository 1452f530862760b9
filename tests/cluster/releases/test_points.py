"""A trial as an annotation: small whatever its length, and read back without a surprise."""

import json
import math

import pytest

from components.cluster.releases.points import Point, TrackPoint, TrialPoints, parse_points, thinned


def point(number: int, outcome: str = "pass", reason: str = "", **canary: float | None) -> Point:
    return Point(
        second=10 * number,
        outcome=outcome,
        share=25,
        canary=TrackPoint(**{"requests": 100, "error_percent": 0.5, "p99_milliseconds": 12.25} | canary),
        stable=TrackPoint(requests=300),
        reason=reason,
    )


def trial(*points: Point, steps: tuple[tuple[int, str], ...] = ((0, "25 % of pods"),)) -> TrialPoints:
    return TrialPoints(
        began="2026-01-02T10:00:00Z",
        max_error_percent=1.5,
        max_p99_milliseconds=500,
        points=points,
        steps=steps,
    )


def read(written: TrialPoints) -> TrialPoints:
    found = parse_points(written.to_json())
    assert found is not None
    return found


def test_what_is_written_is_read() -> None:
    whole = trial(
        point(1, slow_percent=0.25),
        point(2, "fail", 'errors are 12 % ("too many")'),
        point(3, "unmeasured", requests=None, error_percent=None),
    )
    assert read(whole) == whole
    assert read(trial(steps=())) == trial(steps=())


def test_it_is_compact() -> None:
    assert trial(point(1)).to_json() == (
        '{"began":"2026-01-02T10:00:00Z","limits":[1.5,500],'
        '"points":[[10,"p",25,100,0.5,12.25,null,300,null,null,null]],"steps":[[0,"25 % of pods"]]}'
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_a_number_is_no_data(value: float) -> None:
    (found,) = read(trial(point(1, p99_milliseconds=value))).points
    assert found.canary.p99_milliseconds is None


def test_shares_have_four_digits_and_counts_all() -> None:
    (found,) = read(trial(point(1, requests=1234567.0, error_percent=100 / 3))).points
    assert (found.canary.requests, found.canary.error_percent) == (1234567, 33.33)


@pytest.mark.parametrize("reason", ["", "x" * 500, "\u20ac" * 500, "\x00" * 500, '"' * 500, "\ud800" * 500])
@pytest.mark.parametrize("count", [1, 120, 121, 5000])
def test_it_takes_at_most_8_kb(count: int, reason: str) -> None:
    points = [point(number, error_percent=100 / (number + 3), reason=reason) for number in range(count)]
    steps = tuple((number, reason) for number in range(count))
    long = trial(*points, steps=steps)
    text = long.to_json()
    assert len(text.encode()) <= 8192
    found = read(long)
    assert 1 <= len(found.points) <= 120
    assert found.points[-1].second == points[-1].second
    assert sum(p.canary.requests or 0 for p in found.points) == 100 * count


def test_a_trial_of_120_samples_keeps_them_all() -> None:
    points = [point(number, error_percent=100 / (number + 3), slow_percent=0.1234) for number in range(120)]
    assert len(read(trial(*points)).points) == 120


def test_of_neighbours_counts_add_up_and_the_worst_stays() -> None:
    points = (
        point(1, requests=100, error_percent=1.0, p99_milliseconds=40),
        point(2, "fail", "12 % errors", requests=300, error_percent=5.0, p99_milliseconds=20),
        point(3, "unmeasured", "no data", requests=None, error_percent=None, p99_milliseconds=None),
        point(4, "pass", "too few to tell", requests=50),
    )
    first, second = thinned(points, 2)
    assert (first.second, first.outcome, first.reason) == (20, "fail", "12 % errors")
    assert first.canary == TrackPoint(requests=400, error_percent=4.0, p99_milliseconds=40)
    assert (second.second, second.outcome, second.reason) == (40, "unmeasured", "no data")
    assert second.canary == TrackPoint(requests=50, error_percent=0.5, p99_milliseconds=12.25)
    assert thinned(points, 4) == points
    assert thinned((), 4) == ()


def test_shares_without_counts_keep_the_highest() -> None:
    (found,) = thinned([point(n, requests=None, error_percent=n) for n in (2, 1)], 1)
    assert found.canary.error_percent == 2


GOOD = json.loads(trial(point(1)).to_json())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        "1",
        "{}",
        "[" * 100_000,
        json.dumps(GOOD | {"began": "yesterday"}),
        json.dumps(GOOD | {"began": 1}),
        json.dumps(GOOD | {"limits": [1]}),
        json.dumps(GOOD | {"limits": [None, 500]}),
        json.dumps(GOOD | {"points": 1}),
        json.dumps(GOOD | {"points": [[]]}),
        json.dumps(GOOD | {"points": [[10, "p", 25]]}),
        json.dumps(GOOD | {"points": [[10, "x", 25, *[None] * 8]]}),
        json.dumps(GOOD | {"points": [[10, [], 25, *[None] * 8]]}),
        json.dumps(GOOD | {"points": [[10, "p", True, *[None] * 8]]}),
        json.dumps(GOOD | {"points": [[10, "p", 25, "many", *[None] * 7]]}),
        json.dumps(GOOD | {"points": [[10, "p", 25, math.nan, *[None] * 7]]}),
        json.dumps(GOOD | {"points": [[10, "p", 25, *[None] * 8]]}).replace("25", "1e999"),
        json.dumps(GOOD | {"points": [[10, "p", 25, *[None] * 8]]}).replace("25", "1" * 400),
        json.dumps(GOOD | {"steps": [["soon", "25 %"]]}),
        json.dumps(GOOD | {"steps": [[1]]}),
    ],
)
def test_what_is_not_a_trial_of_ours_is_none(text: str) -> None:
    assert parse_points(text) is None
