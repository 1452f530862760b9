"""What counters have grown by: new ones, missing ones, and processes that start again."""

import math

import pytest

from components.analysis.counting.counters import Counters

Values = dict[tuple[str, str], float]


class Counting:
    """Counters of some old pods, and of others that are new."""

    def __init__(self, *old: str) -> None:
        self._old, self._counters = old, Counters[str]()

    def __call__(self, values: Values, *, scraped: tuple[str, ...] = ()) -> Values:
        return self._counters.advance(values, scraped=scraped, is_new=lambda pod: pod not in self._old)


def test_growth_is_the_difference_to_the_last_value() -> None:
    counting = Counting("a")
    counting({("a", "200"): 10, ("a", "500"): 2})
    assert counting({("a", "200"): 15, ("a", "500"): 2}) == {("a", "200"): 5, ("a", "500"): 0}
    assert counting({("a", "200"): 16, ("a", "500"): 9}) == {("a", "200"): 1, ("a", "500"): 7}


def test_a_new_counter_of_a_known_pod_starts_at_0() -> None:
    counting = Counting("a")
    counting({("a", "200"): 10})
    assert counting({("a", "200"): 10, ("a", "500"): 40}) == {("a", "200"): 0, ("a", "500"): 40}


def test_a_pod_that_had_no_counter_yet_but_was_scraped_is_known() -> None:
    counting = Counting("a")
    counting({}, scraped=("a",))
    assert counting({("a", "500"): 40}) == {("a", "500"): 40}


def test_a_new_pod_starts_at_0() -> None:
    counting = Counting("a")
    counting({("a", "200"): 10})
    assert counting({("a", "200"): 10, ("b", "200"): 7})["b", "200"] == 7


def test_what_an_old_pod_counted_before_it_was_first_seen_is_not_growth() -> None:
    counting = Counting("a")
    counting({})
    assert counting({("a", "200"): 1000}) == {("a", "200"): 0}
    assert counting({("a", "200"): 1003}) == {("a", "200"): 3}


def test_a_missed_scrape_is_made_up_for_by_the_next() -> None:
    counting = Counting("a", "b")
    counting({("a", "200"): 10, ("b", "200"): 5})
    assert counting({("b", "200"): 6}) == {("b", "200"): 1}
    assert counting({("a", "200"): 30, ("b", "200"): 6}) == {("a", "200"): 20, ("b", "200"): 0}


def test_a_counter_that_is_missing_alone_is_too() -> None:
    counting = Counting("a")
    counting({("a", "200"): 10, ("a", "500"): 4})
    counting({("a", "200"): 11})
    assert counting({("a", "200"): 12, ("a", "500"): 6}) == {("a", "200"): 1, ("a", "500"): 2}


def test_a_process_that_starts_again_counts_from_0() -> None:
    counting = Counting("a")
    counting({("a", "200"): 100})
    assert counting({("a", "200"): 7}) == {("a", "200"): 7}
    assert counting({("a", "200"): 9}) == {("a", "200"): 2}


def test_all_counters_of_a_process_that_starts_again_count_from_0() -> None:
    counting = Counting("a", "b")
    counting({("a", "200"): 100, ("a", "500"): 3, ("b", "200"): 50})
    grown = counting({("a", "200"): 40, ("a", "500"): 20, ("b", "200"): 60})
    assert grown == {("a", "200"): 40, ("a", "500"): 20, ("b", "200"): 10}


def test_what_a_process_has_not_counted_since_it_started_again_is_no_second_start() -> None:
    counting = Counting("a")
    counting({("a", "200"): 100, ("a", "500"): 50})
    counting({("a", "200"): 10})
    assert counting({("a", "200"): 12, ("a", "500"): 3}) == {("a", "200"): 2, ("a", "500"): 3}


def test_a_pod_that_is_gone_grows_no_more() -> None:
    counting = Counting()
    assert counting({("c", "500"): 9}) == {("c", "500"): 9}
    assert counting({("c", "500"): 9}) == {("c", "500"): 0}
    assert counting({}) == {}


def test_values_that_are_no_numbers_are_missing() -> None:
    counting = Counting("a")
    counting({("a", "200"): 10})
    assert counting({("a", "200"): math.nan}) == {}
    assert counting({("a", "200"): math.inf}) == {}
    assert counting({("a", "200"): 14}) == {("a", "200"): 4}


@pytest.mark.parametrize(("key", "grown"), [("estimate", 0), ("count", 7)])
def test_an_estimate_may_fall_without_a_new_process(key: str, grown: float) -> None:
    counters = Counters[str]()
    for value in (8, 7):
        found = counters.advance(
            {("a", key): value},
            scraped=(),
            is_new=lambda _: True,
            tells_restart=lambda _, key: key != "estimate",
        )
    assert found == {("a", key): grown}
