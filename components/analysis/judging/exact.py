"""Exact one-sided tests of counts: how likely so many, or more, come by chance. Pure."""

from collections.abc import Callable, Iterable
from math import exp, lgamma, log, log1p

# Terms that no longer change a sum of doubles.
_NEGLIGIBLE = 1e-17


def binomial_tail(n: int, k: int, p: float) -> float:
    """Probability of k or more among n, if each has the probability p."""
    if k <= 0:
        return 1.0
    if k > n or p <= 0:
        return 0.0
    if p >= 1:
        return 1.0
    odds = p / (1 - p)
    return _tail(
        k,
        (0, n),
        mode=(n + 1) * p,
        term=lambda x: exp(_log_choose(n, x) + x * log(p) + (n - x) * log1p(-p)),
        ratio=lambda x: (n - x) / (x + 1) * odds,
    )


def fisher_tail(canary_errors: int, canary_total: int, stable_errors: int, stable_total: int) -> float:
    """Probability of that many errors or more on the canary, if all errors had hit requests at random.

    Fisher's exact test, one-sided: small if the canary is worse than stable by more than chance explains.
    """
    errors, total = canary_errors + stable_errors, canary_total + stable_total
    lowest, highest = max(0, errors - stable_total), min(errors, canary_total)
    if canary_errors <= lowest:
        return 1.0
    if canary_errors > highest:
        return 0.0
    every = _log_choose(total, canary_total)
    return _tail(
        canary_errors,
        (lowest, highest),
        mode=(errors + 1) * (canary_total + 1) / (total + 2),
        term=lambda x: exp(
            _log_choose(errors, x) + _log_choose(total - errors, canary_total - x) - every,
        ),
        ratio=lambda x: (errors - x) * (canary_total - x) / ((x + 1) * (stable_total - errors + x + 1)),
    )


def _tail(
    k: int, span: tuple[int, int], *, mode: float, term: Callable[[int], float], ratio: Callable[[int], float]
) -> float:
    """Sum of the terms from k up. `ratio(x)` is term(x + 1) / term(x).

    Summed away from the mode, where terms only fall: few of them matter, and none underflows before those
    that do.
    """
    lowest, highest = span
    if k > mode:
        return min(1.0, _sum(term(k), (ratio(x) for x in range(k, highest))))
    below = (1 / ratio(x) for x in range(k - 2, lowest - 1, -1))
    return max(0.0, 1.0 - _sum(term(k - 1), below))


def _sum(first: float, factors: Iterable[float]) -> float:
    total = value = first
    for factor in factors:
        value *= factor
        total += value
        if value <= total * _NEGLIGIBLE:
            break
    return total


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
