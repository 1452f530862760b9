"""One sample of a trial: what both tracks answered within an interval."""

import math
from dataclasses import dataclass, field
from typing import Literal

Comparison = Literal["<=", ">=", "<", ">"]


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What one track answered within an interval. None: Prometheus has no data."""

    requests: float | None = None
    """Number of requests answered."""
    errors: float | None = None
    """Number of those that are errors."""
    timed: float | None = None
    """Number of answers in the latency histogram; None also if latency is left out."""
    slow: float | None = None
    """Number of those that were surely slower than the limit."""
    slow_at_most: float | None = None
    """Number of those that may have been slower; more than `slow` if no bucket ends at the limit."""
    p99_seconds: float | None = None
    """99th percentile of the latency, estimated from the buckets, seconds; for people, never judged."""

    @property
    def error_percent(self) -> float | None:
        """Share of errors; None without requests, or if either number is not known."""
        requests, errors = known(self.requests), known(self.errors)
        return 100 * errors / requests if requests and errors is not None else None

    @property
    def slow_percent(self) -> float | None:
        """Share of answers that were surely slower than the limit; None without any."""
        timed, slow = known(self.timed), known(self.slow)
        return 100 * slow / timed if timed and slow is not None else None


@dataclass(frozen=True, kw_only=True)
class Check:
    """A user-defined query, and the bound of its value."""

    name: str
    """Its name in the settings."""
    comparison: Comparison
    """Comparison operator."""
    bound: float
    """Right-hand side of the comparison."""
    value: float | None
    """Left-hand side, from Prometheus; None without an answer."""
    error: str = ""
    """Why there is no value, in the words of Prometheus; empty if it simply has none."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Both tracks within one interval."""

    canary: Measurement = field(default_factory=Measurement)
    """The version on trial."""
    stable: Measurement = field(default_factory=Measurement)
    """The baseline."""
    checks: tuple[Check, ...] = ()
    """User-defined queries."""
    buckets: tuple[float, float] | None = None
    """Bounds of the buckets around the latency limit, seconds (lower, upper; `inf` for none above); None if a
    bucket ends at it."""
    error: str = ""
    """Why there is no sample: in the words of Prometheus, or what its series lack."""


def known(value: float | None) -> float | None:
    """A number; None for NaN and infinities, which a division by zero gives."""
    return value if value is not None and math.isfinite(value) else None
