"""Exact tests: against fractions, known tables, and at the edges."""

from fractions import Fraction
from math import comb, isclose
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.analysis.judging.exact import binomial_tail, fisher_tail

quick = settings(derandomize=True, max_examples=150, deadline=None)


def exact_binomial(n: int, k: int, p: Fraction) -> float:
    return float(sum(comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(max(k, 0), n + 1)))


def exact_fisher(a: int, canary: int, c: int, stable: int) -> float:
    errors = a + c
    ways = sum(comb(canary, x) * comb(stable, errors - x) for x in range(a, min(errors, canary) + 1))
    return float(Fraction(ways, comb(canary + stable, errors)))


@quick
@given(st.integers(0, 150), st.data(), st.fractions(0, 1, max_denominator=1000))
def test_the_binomial_tail_is_that_of_fractions(n: int, data: st.DataObject, p: Fraction) -> None:
    k = data.draw(st.integers(-1, n + 1))
    assert isclose(binomial_tail(n, k, float(p)), exact_binomial(n, k, p), rel_tol=1e-9, abs_tol=1e-14)


@quick
@given(st.integers(0, 120), st.integers(0, 120), st.data())
def test_the_tail_of_fisher_is_that_of_fractions(canary: int, stable: int, data: st.DataObject) -> None:
    a, c = data.draw(st.integers(0, canary)), data.draw(st.integers(0, stable))
    found = fisher_tail(a, canary, c, stable)
    assert isclose(found, exact_fisher(a, canary, c, stable), rel_tol=1e-9, abs_tol=1e-14)


# By hand; with tails so small that one less the rest would be 0.
BINOMIAL = {
    (10, 5, 0.5): 638 / 1024,
    (10, 10, 0.5): 1 / 1024,
    (20, 20, 0.01): 1e-40,
    (100, 2, 0.01): 1 - 0.99**100 - 100 * 0.01 * 0.99**99,
    (5, 0, 0.3): 1.0,
    (0, 0, 0.3): 1.0,
    (0, 1, 0.3): 0.0,
    (5, 6, 0.3): 0.0,
    (5, 1, 0.0): 0.0,
    (5, 5, 1.0): 1.0,
}
# First of all the lady who tastes tea.
FISHER = {
    (4, 4, 0, 4): 1 / 70,
    (3, 4, 1, 4): 17 / 70,
    (1, 1, 0, 1): 0.5,
    (0, 50, 7, 100): 1.0,
    (0, 0, 0, 0): 1.0,
    (5, 5, 5, 5): 1.0,
    (5, 10, 0, 0): 1.0,
    (6, 5, 0, 10): 0.0,
}


@pytest.mark.parametrize("table", BINOMIAL)
def test_known_binomial_tails(table: tuple[int, int, float]) -> None:
    assert binomial_tail(*table) == pytest.approx(BINOMIAL[table], rel=1e-10, abs=0)


@pytest.mark.parametrize("table", FISHER)
def test_known_tails_of_fisher(table: tuple[int, int, int, int]) -> None:
    assert fisher_tail(*table) == pytest.approx(FISHER[table], rel=1e-10, abs=0)


def test_millions_are_as_exact() -> None:
    assert binomial_tail(2_000_000, 20_000, 0.01) == pytest.approx(0.5, abs=2e-3)
    above, below = binomial_tail(2_000_000, 20_500, 0.01), binomial_tail(2_000_000, 20_499, 0.01)
    assert 0 < above < below < 3e-4
    # Poisson's limit: P(X >= 11 | 10) = 0.41696.
    assert binomial_tail(5_000_000, 11, 2e-6) == pytest.approx(0.416960, abs=1e-5)
    # With equal totals a canary with half of the errors is as likely above as below.
    half = fisher_tail(5_000, 1_000_000, 5_000, 1_000_000)
    assert half + fisher_tail(5_001, 1_000_000, 4_999, 1_000_000) == pytest.approx(1.0, abs=1e-6)


def test_millions_are_as_quick() -> None:
    began = process_time()
    for _ in range(20):
        binomial_tail(5_000_000, 50_100, 0.01)
        fisher_tail(50_100, 5_000_000, 50_000, 5_000_000)
    assert process_time() - began < 2


@quick
@given(st.integers(1, 2000), st.data(), st.floats(0.0001, 0.9999))
def test_more_hits_are_never_more_likely(n: int, data: st.DataObject, p: float) -> None:
    k = data.draw(st.integers(0, n))
    assert 0.0 <= binomial_tail(n, k + 1, p) <= binomial_tail(n, k, p) * (1 + 1e-9) + 1e-12 <= 1.0 + 1e-8
