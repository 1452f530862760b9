"""What the samples of a canary trial say: one verdict a sample, and what they come to.

Pure, and without Pulumi: the gate imports it as a program of its own.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["pass", "fail", "unmeasured"]
Decision = Literal["continue", "promote", "take back", "inconclusive"]
Comparison = Literal["<=", ">=", "<", ">"]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a canary has to keep."""

    min_requests: int
    """Fewest requests to the canary within a sample; with fewer there is nothing to judge."""
    max_error_percent: float
    """Most of the canary's requests that may end in 5xx, percent."""
    max_error_increase_percent: float
    """Most points of percent that this share may be above the stable track's."""
    max_p99_milliseconds: int
    """Longest 99th percentile of latency; 0 leaves latency out."""
    failure_limit: int
    """Failing samples allowed in all."""
    unmeasured_limit: int
    """Samples without a verdict allowed in a row."""


@dataclass(frozen=True, kw_only=True)
class Track:
    """What one track answered within a sample. None: Prometheus has no data on it."""

    requests: float | None = None
    """Requests answered."""
    errors: float | None = None
    """Of those, with a status of 5xx."""
    p99_seconds: float | None = None
    """99th percentile of latency."""

    @property
    def error_percent(self) -> float | None:
        """Share of 5xx; None without requests, or where either number is not known."""
        requests, errors = known(self.requests), known(self.errors)
        return 100 * errors / requests if requests and errors is not None else None


@dataclass(frozen=True, kw_only=True)
class Check:
    """A query of the user's own, and what its value has to be."""

    name: str
    """What the user calls it."""
    comparison: Comparison
    """How the value has to stand to the bound."""
    bound: float
    """What the value is compared with."""
    value: float | None
    """What Prometheus answered; None for nothing."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One look at both tracks."""

    canary: Track = field(default_factory=Track)
    """The version that is tried."""
    stable: Track = field(default_factory=Track)
    """The version that everybody else gets."""
    checks: tuple[Check, ...] = ()
    """The user's own queries."""
    error: str = ""
    """Why there is no sample: what Prometheus said."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one sample says, and why."""

    outcome: Outcome
    """`unmeasured` where there is too little to judge."""
    reasons: tuple[str, ...] = ()
    """What failed, or is missing; none of a pass."""


def judge(sample: Sample, limits: Limits) -> Verdict:
    """Whether a canary keeps its limits. What is not known never passes."""
    if sample.error:
        return Verdict(outcome="unmeasured", reasons=(sample.error,))
    requests = known(sample.canary.requests)
    if requests is None:
        return Verdict(outcome="unmeasured", reasons=("no data on the canary's requests",))
    if requests < max(limits.min_requests, 1):
        few = f"{requests:.0f} requests, fewer than {max(limits.min_requests, 1)}"
        return Verdict(outcome="unmeasured", reasons=(few,))
    failing = [*_errors(sample, limits), *_latency(sample, limits), *_checks(sample)]
    if failing:
        return Verdict(outcome="fail", reasons=tuple(failing))
    missing = _missing(sample, limits)
    return Verdict(outcome="unmeasured" if missing else "pass", reasons=tuple(missing))


def decide(verdicts: Sequence[Verdict], limits: Limits, planned: int) -> Decision:
    """What the samples of a trial so far come to, of which `planned` have to have a verdict.

    The last one has to pass: a canary that has begun to fail is looked at once more.
    """
    outcomes: list[Outcome] = [verdict.outcome for verdict in verdicts]
    if outcomes.count("fail") > limits.failure_limit:
        return "take back"
    if _trailing(outcomes, "unmeasured") > limits.unmeasured_limit:
        return "inconclusive"
    judged = len(outcomes) - outcomes.count("unmeasured")
    return "promote" if judged >= planned and outcomes[-1:] == ["pass"] else "continue"


def canary_pods(stable: int, weight: int) -> int:
    """Most canary pods that are at most `weight` percent of all beside so many stable ones."""
    return stable * weight // (100 - weight)


def stable_pods_needed(weight: int) -> int:
    """Fewest stable pods beside which one canary pod is at most `weight` percent of all."""
    return math.ceil((100 - weight) / weight)


def known(value: float | None) -> float | None:
    """A number that is one: None for NaN and infinities, which a division by nothing gives."""
    return value if value is not None and math.isfinite(value) else None


def holds(check: Check) -> bool:
    """Whether a value that is known is what it has to be."""
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
    """What would have to be known for a pass."""
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
