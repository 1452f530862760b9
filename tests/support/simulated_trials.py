"""Trials of versions with known rates, by chance with a seed: how often the judge is right."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import exp, lgamma, log, log1p
from random import Random

from components.analysis.judging.judge import Decision, Judgement, Limits, decide, judge
from components.analysis.samples import Measurement, Sample

from .limits import LIMITS


@dataclass(frozen=True, kw_only=True)
class Version:
    """What a version does with its requests."""

    errors: float = 0.0
    """Share of requests that end in an error, percent."""
    slow: float = 0.0
    """Share of answers slower than the limit, percent."""


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A trial to simulate."""

    stable: Version
    """Version of the stable track."""
    canary: Callable[[int], Version]
    """Version of the canary in its sample of that number, from 0: it may turn bad."""
    requests: int
    """Requests to the canary in a sample."""
    share: int = 10
    """Share of traffic of the canary, percent."""
    planned: int = 9
    """Number of samples planned; 9 by default."""
    limits: Limits = LIMITS
    """Limits of the trial."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a trial ended."""

    decision: Decision
    """What it came to."""
    samples: int
    """Number of samples taken."""


def always(version: Version) -> Callable[[int], Version]:
    """A canary that stays the same."""
    return lambda _: version


def simulate(setup: Setup, random: Random) -> Result:
    """One trial."""
    stable_requests = setup.requests * (100 - setup.share) // setup.share
    timed = any(version.slow for version in (setup.stable, setup.canary(0)))
    limits = setup.limits if timed else replace(setup.limits, max_p99_milliseconds=0)
    samples: list[Sample] = []
    judgements: list[Judgement] = []
    while True:
        canary = measured(setup.canary(len(samples)), setup.requests, random)
        samples.append(Sample(canary=canary, stable=measured(setup.stable, stable_requests, random)))
        judgements.append(judge(samples, limits, setup.planned))
        decision = decide(judgements, limits, setup.planned)
        if decision != "continue":
            return Result(decision=decision, samples=len(samples))


def share_of(decision: Decision, results: Sequence[Result]) -> float:
    """Percent of the trials that came to it."""
    return 100 * sum(result.decision == decision for result in results) / len(results)


def measured(version: Version, requests: int, random: Random) -> Measurement:
    """What one track answers within an interval."""
    slow = float(draw(requests, version.slow / 100, random))
    return Measurement(
        requests=float(requests),
        errors=float(draw(requests, version.errors / 100, random)),
        timed=float(requests),
        slow=slow,
        slow_at_most=slow,
    )


def draw(n: int, p: float, random: Random) -> int:
    """A number of hits among n. (`Random.binomialvariate` comes with Python 3.12.)"""
    if p <= 0 or p >= 1:
        return n if p >= 1 else 0
    return min(bisect_left(_cumulated(n, p), random.random()), n)


@cache
def _cumulated(n: int, p: float) -> list[float]:
    """Probabilities of at most 0, 1, 2, … hits, until the rest no longer matters."""
    sums, total = list[float](), 0.0
    for k in range(n + 1):
        choose = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
        total += exp(choose + k * log(p) + (n - k) * log1p(-p))
        sums.append(total)
        if total > 1 - 1e-12:
            break
    return sums
