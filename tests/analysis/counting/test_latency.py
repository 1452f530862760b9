"""Answers beside a latency limit, from buckets of all kinds."""

import math

import pytest

from components.analysis.counting.latency import Slowness, percentile, slowness, without_fast

INF = math.inf
BUCKETS = {0.1: 90, 0.25: 95, 0.5: 97, 1.0: 99, INF: 100}


def test_a_bucket_at_the_limit_tells() -> None:
    assert slowness([BUCKETS], 0.5) == Slowness(timed=100, slow=3, slow_at_most=3)


def test_between_two_buckets_some_answers_may_be_on_either_side() -> None:
    assert slowness([BUCKETS], 0.3) == Slowness(timed=100, slow=3, slow_at_most=5, around=(0.25, 0.5))


def test_nothing_is_surely_above_a_limit_beyond_the_largest_finite_bucket() -> None:
    found = slowness([{0.1: 0, 0.25: 0, INF: 100}], 0.5)
    assert found == Slowness(timed=100, slow=0, slow_at_most=100, around=(0.25, INF))


def test_below_the_smallest_bucket_all_may_be_above() -> None:
    assert slowness([{1.0: 60, INF: 100}], 0.5) == Slowness(
        timed=100, slow=40, slow_at_most=100, around=(0, 1.0)
    )


def test_a_bound_that_is_the_limit_but_for_rounding_is_the_limit() -> None:
    assert slowness([{0.1 + 0.2: 4, INF: 5}], 0.3).around is None


def test_pods_with_other_buckets_are_judged_by_themselves() -> None:
    fine, coarse = {0.5: 9, INF: 10}, {0.25: 5, 1.0: 19, INF: 20}
    assert slowness([fine, coarse], 0.5) == Slowness(timed=30, slow=2, slow_at_most=16, around=(0.25, 1.0))


def test_the_bounds_are_those_of_the_pod_with_the_most_doubt() -> None:
    little, much = {0.4: 8, 0.6: 9, INF: 9}, {0.2: 1, 0.8: 9, INF: 9}
    assert slowness([little, much], 0.5).around == (0.2, 0.8)
    assert slowness([much, little], 0.5).around == (0.2, 0.8)


def test_buckets_that_fall_are_lifted() -> None:
    assert slowness([{0.5: 10, 0.25: 12, INF: 11}], 0.5) == Slowness(timed=12, slow=0, slow_at_most=0)


def test_without_a_last_bucket_the_largest_counts_all() -> None:
    assert slowness([{0.25: 3, 1.0: 4}], 0.25) == Slowness(timed=4, slow=1, slow_at_most=1)


def test_no_pods_have_no_answers() -> None:
    assert slowness([], 0.5) == Slowness()


@pytest.mark.parametrize(
    ("pods", "share", "seconds"),
    [
        ([BUCKETS], 0.5, 0.1 * 50 / 90),
        ([BUCKETS], 0.96, 0.375),
        ([BUCKETS], 0.99, 1.0),
        ([BUCKETS], 0.999, 1.0),
        ([BUCKETS, BUCKETS], 0.96, 0.375),
        ([{0.5: 0, INF: 10}], 0.99, 0.5),
        ([{0.5: 10, INF: 10}, {1.0: 10, INF: 10}], 0.5, 1 / 3),
    ],
)
def test_the_percentile_is_linear_within_a_bucket(
    pods: list[dict[float, float]], share: float, seconds: float
) -> None:
    assert percentile(pods, share) == pytest.approx(seconds)


@pytest.mark.parametrize("pods", [[], [{}], [{0.5: 0, INF: 0}], [{INF: 10}]])
def test_without_answers_or_bounds_there_is_none(pods: list[dict[float, float]]) -> None:
    assert percentile(pods, 0.99) is None


def test_probes_are_taken_from_the_answers_within_the_limit() -> None:
    assert without_fast(BUCKETS, 4, 0.5) == {0.1: 86, 0.25: 91, 0.5: 93, 1.0: 95, INF: 96}
    assert slowness([without_fast(BUCKETS, 4, 0.5)], 0.5) == Slowness(timed=96, slow=3, slow_at_most=3)


def test_never_from_others() -> None:
    buckets = without_fast({0.1: 0, 0.5: 2, 1.0: 10, INF: 10}, 5, 0.5)
    assert slowness([buckets], 0.5) == Slowness(timed=8, slow=8, slow_at_most=8)
    assert without_fast({1.0: 10, INF: 10}, 5, 0.5) == {1.0: 10, INF: 10}
