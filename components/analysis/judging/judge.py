"""Judges the samples of a canary trial, the last one in the light of all. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..samples import Check, Sample, known
from .evidence import Evidence, gather
from .limits import Limits
from .rules import Rule, error_rules, slow_at_most_rule, slow_rule

Outcome = Literal["pass", "fail", "unmeasured"]
Decision = Literal["continue", "promote", "roll back", "inconclusive"]

# Chance that a trial takes an identical version for a bad one, over all of its looks at the counts.
_FALSE_ALARMS = 0.01


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The outcome of one sample."""

    outcome: Outcome
    """`unmeasured` if there is too little data to judge."""
    reasons: tuple[str, ...] = ()
    """What failed or is missing; empty for a pass."""
    note: str = ""
    """What is above a limit in a sample that passes; empty if nothing is."""
    undecided: bool = False
    """Whether it passes while the trial as a whole is above a limit; more samples tell."""


def judge(samples: Sequence[Sample], limits: Limits, planned: int) -> Judgement:
    """Whether a canary stays within its limits, by the last sample and what was counted up to it.

    A sample fails if its shares are above a limit, and the counts say that this is no chance. Unknown values
    never pass.
    """
    sample = samples[-1]
    if lacking := _lacks_requests(sample, limits):
        return Judgement(outcome="unmeasured", reasons=(lacking,))
    windows, level = gather(samples), significance(limits, planned)
    latency = bool(limits.max_p99_milliseconds) and sample.canary.slow_percent is not None
    errors = error_rules(limits) if sample.canary.error_percent is not None else []
    slow = [slow_rule(limits)] if latency else []
    failing = [*_failures(errors, windows, level), *_failures(slow, windows, level), *_checks(sample)]
    if failing:
        return Judgement(outcome="fail", reasons=tuple(failing))
    if missing := [*_missing(sample, limits), *_coarse(sample, limits, windows, level)]:
        return Judgement(outcome="unmeasured", reasons=tuple(missing))
    at_most = [slow_at_most_rule(limits)] if latency else []
    notes = [*_notes(errors, windows, level), *_notes([*slow, *at_most], windows, level)]
    undecided = any(rule.exceeded(windows[-1]) for rule in (*errors, *slow, *at_most))
    return Judgement(outcome="pass", note="; ".join(notes), undecided=undecided)


def significance(limits: Limits, planned: int) -> float:
    """Level of each test, so that all looks of a trial together raise few false alarms.

    At this level an identical version has on average `_FALSE_ALARMS` times as many failed samples as roll it
    back, so the probability that it has that many is no higher (Markov's inequality).
    """
    # An undecided trial looks twice as often as planned.
    level = _FALSE_ALARMS * (limits.failure_limit + 1) / (2 * max(planned, 1))
    return min(level, _FALSE_ALARMS)


def decide(judgements: Sequence[Judgement], limits: Limits, planned: int) -> Decision:
    """What follows from the samples of a trial so far; `planned` of them have to be measured.

    The last one has to pass: a canary that has begun to fail gets one more sample. A trial that is undecided
    goes on, at most as long again.
    """
    outcomes: list[Outcome] = [judgement.outcome for judgement in judgements]
    if outcomes.count("fail") > limits.failure_limit:
        return "roll back"
    if _trailing(outcomes, "unmeasured") > limits.unmeasured_limit:
        return "inconclusive"
    judged = len(outcomes) - outcomes.count("unmeasured")
    if judged < planned or outcomes[-1:] != ["pass"]:
        return "continue"
    return "continue" if judgements[-1].undecided and judged < 2 * planned else "promote"


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


def _lacks_requests(sample: Sample, limits: Limits) -> str:
    """Why there is nothing to judge; empty if there is."""
    if sample.error:
        return sample.error
    requests, least = known(sample.canary.requests), max(limits.min_requests, 1)
    if requests is None:
        return "no data on the canary's requests"
    return f"{requests:.0f} requests, fewer than {least}" if round(requests) < least else ""


def _failures(rules: Sequence[Rule], windows: Sequence[Evidence], level: float) -> list[str]:
    """The first failure of rules about the same thing."""
    return [failure for rule in rules if (failure := rule.failure(windows, level))][:1]


def _notes(rules: Sequence[Rule], windows: Sequence[Evidence], level: float) -> list[str]:
    return [note for rule in rules if (note := rule.note(windows, level))][:1]


def _missing(sample: Sample, limits: Limits) -> list[str]:
    """What is not known, and a pass needs."""
    canary = sample.canary
    timed = canary.slow_percent is not None and known(canary.slow_at_most) is not None
    needed = [
        ("the canary's errors", canary.error_percent is not None),
        ("the stable track to compare with", sample.stable.error_percent is not None),
        ("the canary's latency", not limits.max_p99_milliseconds or timed),
    ]
    unknown = [f"no data on {what}" for what, is_known in needed if not is_known]
    return unknown + [f"no data on {check.name}{_why(check)}" for check in sample.checks if not _has(check)]


def _coarse(sample: Sample, limits: Limits, windows: Sequence[Evidence], level: float) -> list[str]:
    """That the buckets cannot tell whether the latency is within its limit, if so."""
    if not limits.max_p99_milliseconds:
        return []
    # Where the answers that were surely slower prove it alone, buckets are not what is in doubt.
    doubtful = [window for window in windows if not slow_rule(limits).proof([window], level)]
    seen = slow_at_most_rule(limits).proof(doubtful, level)
    if seen is None:
        return []
    limit = f"{limits.max_p99_milliseconds} ms"
    share = f"between {seen.slow.percent:.1f} % and {seen.slow_at_most.percent:.1f} % of answers"
    bounds = [f"{1000 * bound:g}" for bound in sample.buckets or () if bound > 0 and known(bound) is not None]
    remedy = f"set canary.maxP99Milliseconds to {' or '.join(bounds) or 'the bound of a bucket'}"
    return [f"{share} slower than {limit}, and no bucket ends there to tell; {remedy}"]


def _checks(sample: Sample) -> list[str]:
    return [
        f"{check.name} is {check.value:g}, not {check.comparison} {check.bound:g}"
        for check in sample.checks
        if _has(check) and not holds(check)
    ]


def _has(check: Check) -> bool:
    return known(check.value) is not None


def _why(check: Check) -> str:
    return f": {check.error}" if check.error else ""


def _trailing(outcomes: Sequence[Outcome], wanted: Outcome) -> int:
    count = 0
    while count < len(outcomes) and outcomes[-1 - count] == wanted:
        count += 1
    return count
