"""How many answers were slower than a limit, from the buckets of histograms. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

Buckets = Mapping[float, float]
"""Number of answers that took at most as long as each bound, seconds; the last bound is `inf`."""


@dataclass(frozen=True, kw_only=True)
class Slowness:
    """Answers of some pods beside a limit."""

    timed: float = 0
    """Number of answers."""
    slow: float = 0
    """Number of those that were surely slower than the limit."""
    slow_at_most: float = 0
    """Number of those that may have been slower."""
    around: tuple[float, float] | None = None
    """Bounds of the buckets around the limit where no bucket ends at it, seconds."""


def slowness(pods: Iterable[Buckets], limit: float) -> Slowness:
    """Judged by pod and added up: pods may have different buckets.

    limit: seconds. The bounds are those of the pod with the most answers that may be on either side.
    """
    found = [_slowness(buckets, limit) for buckets in pods]
    open_ones = [one for one in found if one.around]
    around = max(open_ones, key=lambda one: one.slow_at_most - one.slow).around if open_ones else None
    return Slowness(
        timed=sum(one.timed for one in found),
        slow=sum(one.slow for one in found),
        slow_at_most=sum(one.slow_at_most for one in found),
        around=around,
    )


def without_fast(buckets: Buckets, count: float, limit: float) -> dict[float, float]:
    """Buckets less some of the answers within the limit: probes and scrapes, which are quick."""
    counts = _cumulative(buckets)
    below = [number for bound, number in counts.items() if _within(bound, limit)]
    less = min(count, below[-1] if below else 0)
    return {bound: max(number - less, 0) for bound, number in counts.items()}


def percentile(pods: Sequence[Buckets], share: float) -> float | None:
    """An estimate, linear within the bucket; in the last one its lower bound. None without answers."""
    curves = [_cumulative(buckets) for buckets in pods]
    bounds = sorted({bound for curve in curves for bound in curve if math.isfinite(bound)})
    total = sum(_total(curve) for curve in curves)
    if not bounds or total <= 0:
        return None
    rank, low, below = share * total, min(0.0, bounds[0]), 0.0
    for bound in bounds:
        number = sum(_at(curve, bound) for curve in curves)
        if number >= rank:
            return low + (bound - low) * (rank - below) / (number - below) if number > below else bound
        low, below = bound, number
    return bounds[-1]


def _slowness(buckets: Buckets, limit: float) -> Slowness:
    counts = _cumulative(buckets)
    total = _total(counts)
    lower = max((bound for bound in counts if _within(bound, limit)), default=None)
    upper = min((bound for bound in counts if _reaches(bound, limit)), default=None)
    exact = lower is not None and lower == upper
    return Slowness(
        timed=total,
        slow=total - counts[upper] if upper is not None else 0,
        slow_at_most=total - counts[lower] if lower is not None else total,
        around=None if exact else (lower or 0.0, math.inf if upper is None else upper),
    )


def _cumulative(buckets: Buckets) -> dict[float, float]:
    """In the order of the bounds, and rising: a scrape may catch a histogram in the middle of a change."""
    bounds = sorted(buckets)
    return dict(zip(bounds, accumulate((buckets[bound] for bound in bounds), max), strict=True))


def _total(counts: Buckets) -> float:
    return max(counts.values(), default=0)


def _at(counts: Buckets, bound: float) -> float:
    """Number of answers up to a bound that need not be one of these buckets."""
    points = [(0.0, 0.0), *((b, n) for b, n in counts.items() if math.isfinite(b))]
    for (low, below), (high, number) in pairwise(points):
        if bound <= high:
            return below + (number - below) * (bound - low) / (high - low) if high > low else number
    return points[-1][1]


def _within(bound: float, limit: float) -> bool:
    return bound <= limit or math.isclose(bound, limit)


def _reaches(bound: float, limit: float) -> bool:
    return bound >= limit or math.isclose(bound, limit)
