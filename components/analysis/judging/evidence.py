"""Counts of a trial, added up over its last samples. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..samples import Sample, known

# Of each sample, and added up: see _numbers.
_NUMBERS = 9


@dataclass(frozen=True, kw_only=True)
class Count:
    """So many of so many."""

    hits: int
    """Number of those that count: errors, or slow answers."""
    total: int
    """Number of all."""

    @property
    def percent(self) -> float:
        """Share of the hits; 0 of none."""
        return 100 * self.hits / self.total if self.total else 0.0


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the last samples of a trial counted. A sample without a number adds nothing to that count."""

    samples: int
    """Number of samples."""
    errors: Count
    """Errors of the canary."""
    compared: Count
    """Errors of the canary in samples that have the stable track's too."""
    stable: Count
    """Errors of the stable track in the same samples, as they were while the canary had its requests.

    If the canary's share of the traffic grows and the error rate changes, plain sums of identical versions
    differ. So each sample weighs what it weighs on the canary, and the total is what such a mean is worth.
    With a constant share these are the plain sums.
    """
    slow: Count
    """Answers of the canary that were surely slower than the limit."""
    slow_at_most: Count
    """Answers that may have been."""


def gather(samples: Sequence[Sample]) -> list[Evidence]:
    """Evidence of the last sample, the last 2, 4, 8, …, and all: a canary may turn bad late.

    Samples without the canary's counts are passed over.
    """
    windows: list[Evidence] = []
    totals = [0.0] * _NUMBERS
    taken, size = 0, 1
    for sample in reversed(samples):
        numbers = _numbers(sample)
        if numbers is None:
            continue
        totals = [total + number for total, number in zip(totals, numbers, strict=True)]
        taken += 1
        if taken == size:
            windows.append(_evidence(taken, totals))
            size *= 2
    if taken and taken != windows[-1].samples:
        windows.append(_evidence(taken, totals))
    return windows


def _numbers(sample: Sample) -> tuple[float, ...] | None:
    """What the sample adds to each total; None if it has no counts."""
    canary, stable = sample.canary, sample.stable
    errors = _both(canary.errors, canary.requests)
    slow, at_most = _both(canary.slow, canary.timed), known(canary.slow_at_most)
    if sample.error or (errors is None and slow is None):
        return None
    baseline = _both(stable.errors, stable.requests)
    compared = (
        (*errors, *_weighed(errors[1], baseline)) if errors and baseline and baseline[1] > 0 else (0.0,) * 4
    )
    timed = (*slow, at_most) if slow is not None and at_most is not None else (0.0,) * 3
    return (*(errors or (0.0, 0.0)), *compared, *timed)


def _weighed(requests: float, baseline: tuple[float, float]) -> tuple[float, float]:
    """The stable track's errors by the canary's requests, and the variance of such a sum."""
    errors, total = baseline
    return requests * errors / total, requests * requests / total


def _both(hits: float | None, total: float | None) -> tuple[float, float] | None:
    hits, total = known(hits), known(total)
    return (hits, total) if hits is not None and total is not None else None


def _evidence(samples: int, totals: Sequence[float]) -> Evidence:
    errors, requests, compared, compared_requests, stable, variance, slow, timed, at_most = totals
    worth = compared_requests / variance if variance else 0.0
    return Evidence(
        samples=samples,
        errors=_count(errors, requests),
        compared=_count(compared, compared_requests),
        stable=_count(stable * worth, compared_requests * worth),
        slow=_count(slow, timed),
        slow_at_most=_count(at_most, timed),
    )


def _count(hits: float, total: float) -> Count:
    """Whole numbers: sums of differences, and counts less expected probes, are only nearly so."""
    whole = max(round(total), 0)
    return Count(hits=min(max(round(hits), 0), whole), total=whole)
