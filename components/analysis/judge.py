"""Judges the samples of a canary trial, each by itself and all together. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .samples import Check, Sample, known

Outcome = Literal["pass", "fail", "unmeasured"]
Decision = Literal["continue", "promote", "roll back", "inconclusive"]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of a trial."""

    min_requests: int
    """Minimum number of requests to the canary within a sample; one with fewer is unmeasured."""
    max_error_percent: float
    """Maximum share of the canary's requests that end in 5xx, percent."""
    max_error_increase_percent: float
    """Maximum increase of that share over the stable track, percentage points."""
    max_p99_milliseconds: int
    """Maximum 99th percentile of latency; 0 leaves latency out."""
    failure_limit: int
    """Number of failed samples that a trial may have."""
    unmeasured_limit: int
    """Number of unmeasured samples in a row that a trial may have."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The outcome of one sample."""

    outcome: Outcome
    """`unmeasured` if there is too little data to judge."""
    reasons: tuple[str, ...] = ()
    """What failed or is missing; empty for a pass."""


def judge(sample: Sample, limits: Limits) -> Judgement:
    """Whether a canary stays within its limits. Unknown values never pass."""
    if sample.error:
        return Judgement(outcome="unmeasured", reasons=(sample.error,))
    requests = known(sample.canary.requests)
    if requests is None:
        return Judgement(outcome="unmeasured", reasons=("no data on the canary's requests",))
    if requests < max(limits.min_requests, 1):
        few = f"{requests:.0f} requests, fewer than {max(limits.min_requests, 1)}"
        return Judgement(outcome="unmeasured", reasons=(few,))
    failing = [*_errors(sample, limits), *_latency(sample, limits), *_checks(sample)]
    if failing:
        return Judgement(outcome="fail", reasons=tuple(failing))
    missing = _missing(sample, limits)
    return Judgement(outcome="unmeasured" if missing else "pass", reasons=tuple(missing))


def decide(judgements: Sequence[Judgement], limits: Limits, planned: int) -> Decision:
    """What follows from the samples of a trial so far; `planned` of them have to be measured.

    The last one has to pass: a canary that has begun to fail gets one more sample.
    """
    outcomes: list[Outcome] = [judgement.outcome for judgement in judgements]
    if outcomes.count("fail") > limits.failure_limit:
        return "roll back"
    if _trailing(outcomes, "unmeasured") > limits.unmeasured_limit:
        return "inconclusive"
    judged = len(outcomes) - outcomes.count("unmeasured")
    return "promote" if judged >= planned and outcomes[-1:] == ["pass"] else "continue"


def canary_pods(stable: int, weight: int) -> int:
    """Maximum number of canary pods that are at most `weight` percent of all pods, stable ones included."""
    return stable * weight // (100 - weight)


def stable_pods_needed(weight: int) -> int:
    """Minimum number of stable pods for one canary pod to be at most `weight` percent of all pods."""
    return math.ceil((100 - weight) / weight)


def holds(check: Check) -> bool:
    """Whether a known value is within its bound."""
    value = check.value if check.value is not None else math.nan
    return {
        "<=": value <= check.bound,
        ">=": value >= check.bound,
        "<": value < check.bound,
        ">": value > check.bound,
    }[check.comparison]


def _errors(sample: Sample, limits: Limits) -> list[str]:
    share, stable = sample.canary.error_percent, sample.stable.error_percent
    if share is None:
        return []
    if share > limits.max_error_percent:
        return [f"{share:.1f} % errors, above {limits.max_error_percent:g} %"]
    if stable is not None and share > stable + limits.max_error_increase_percent:
        more = f"{limits.max_error_increase_percent:g} points above the stable track's {stable:.1f} %"
        return [f"{share:.1f} % errors, more than {more}"]
    return []


def _latency(sample: Sample, limits: Limits) -> list[str]:
    p99 = known(sample.canary.p99_seconds)
    if not limits.max_p99_milliseconds or p99 is None or 1000 * p99 <= limits.max_p99_milliseconds:
        return []
    return [f"p99 {1000 * p99:.0f} ms, above {limits.max_p99_milliseconds} ms"]


def _missing(sample: Sample, limits: Limits) -> list[str]:
    """What is not known, and a pass needs."""
    latency = not limits.max_p99_milliseconds or known(sample.canary.p99_seconds) is not None
    needed = [
        ("the canary's errors", sample.canary.error_percent is not None),
        ("the stable track to compare with", sample.stable.error_percent is not None),
        ("the canary's latency", latency),
        *((check.name, _has(check)) for check in sample.checks),
    ]
    return [f"no data on {what}" for what, is_known in needed if not is_known]


def _checks(sample: Sample) -> list[str]:
    return [
        f"{check.name} is {check.value:g}, not {check.comparison} {check.bound:g}"
        for check in sample.checks
        if _has(check) and not holds(check)
    ]


def _has(check: Check) -> bool:
    return known(check.value) is not None


def _trailing(outcomes: Sequence[Outcome], wanted: Outcome) -> int:
    count = 0
    while count < len(outcomes) and outcomes[-1 - count] == wanted:
        count += 1
    return count
