"""What a canary's counts are tested for, and the sentences that say what came of it. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

from .evidence import Count, Evidence
from .exact import binomial_tail, fisher_tail
from .limits import Limits

# What the 99th percentile leaves above the limit.
_SLOW_PERCENT = 1.0


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A maximum for the share of something, and the test whether a share above it is more than chance."""

    count: Callable[[Evidence], Count]
    """What is counted."""
    maximum: Callable[[Evidence], float]
    """Maximum share, percent; not a constant if it depends on the stable track."""
    chance: Callable[[Evidence], float]
    """Probability of such a count within the maximum."""
    subject: str
    """What is counted, in words: `errors`."""
    excess: Callable[[Evidence], str]
    """What is wrong with a share above the maximum, in words: `above 1 %`."""

    def exceeded(self, evidence: Evidence) -> bool:
        """Whether the share is above the maximum, by chance or not."""
        return self.count(evidence).percent > self.maximum(evidence)

    def proof(self, windows: Sequence[Evidence], level: float) -> Evidence | None:
        """The narrowest window with a share above the maximum that is no chance."""
        return next((w for w in windows if self.exceeded(w) and self.chance(w) <= level), None)

    def failure(self, windows: Sequence[Evidence], level: float) -> str:
        """Why the last sample fails; empty if it does not.

        Its own share has to be above the maximum too: a burst fails the sample it is in, and no later one.
        """
        own = self.count(windows[0]).percent
        proof = self.proof([w for w in windows if own > self.maximum(w)], level)
        return self._failure(proof) if proof else ""

    def note(self, windows: Sequence[Evidence], level: float) -> str:
        """What is above the maximum in the last sample or the whole trial, and fails it not; may be empty."""
        seen = next((w for w in (windows[-1], windows[0]) if self.exceeded(w)), None)
        if seen is None:
            return ""
        count = self.count(seen)
        what = f"{count.hits} of {count.total} {self.subject}"
        share, excess = f"({count.percent:.1f} %)", self.excess(seen)
        if self.proof(windows, level):
            return f"{what} so far {share} are {excess}, but not those of this sample"
        return f"too few to tell: {what} {share} are {excess}, but may be chance"

    def _failure(self, seen: Evidence) -> str:
        count = self.count(seen)
        over = f" over {seen.samples} samples ({count.hits} of {count.total})" if seen.samples > 1 else ""
        subject = self.subject if self.subject == "errors" else f"of {self.subject}"
        return f"{count.percent:.1f} % {subject}{over}, {self.excess(seen)}"


def error_rules(limits: Limits) -> list[Rule]:
    """The absolute limit of errors, and the increase over the stable track."""
    absolute, increase = limits.max_error_percent, limits.max_error_increase_percent
    return [
        Rule(
            count=lambda seen: seen.errors,
            maximum=lambda _: absolute,
            chance=lambda seen: binomial_tail(seen.errors.total, seen.errors.hits, absolute / 100),
            subject="errors",
            excess=lambda _: f"above {absolute:g} %",
        ),
        Rule(
            count=lambda seen: seen.compared,
            maximum=lambda seen: seen.stable.percent + increase if seen.stable.total else inf,
            chance=lambda seen: fisher_tail(
                seen.compared.hits, seen.compared.total, seen.stable.hits, seen.stable.total
            ),
            subject="errors",
            excess=lambda seen: (
                f"more than {increase:g} points above the stable track's {seen.stable.percent:.1f} %"
            ),
        ),
    ]


def slow_rule(limits: Limits) -> Rule:
    """Answers that were surely slower than the limit."""
    return _latency(limits, "slower than", lambda seen: seen.slow)


def slow_at_most_rule(limits: Limits) -> Rule:
    """Answers that may have been slower."""
    return _latency(limits, "that may be slower than", lambda seen: seen.slow_at_most)


def _latency(limits: Limits, how: str, count: Callable[[Evidence], Count]) -> Rule:
    return Rule(
        count=count,
        maximum=lambda _: _SLOW_PERCENT,
        chance=lambda seen: binomial_tail(count(seen).total, count(seen).hits, _SLOW_PERCENT / 100),
        subject=f"answers {how} {limits.max_p99_milliseconds} ms",
        excess=lambda _: f"above {_SLOW_PERCENT:g} %",
    )
