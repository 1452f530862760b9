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
    """Number of those with a status of 5xx."""
    p99_seconds: float | None = None
    """99th percentile of the latency, seconds."""

    @property
    def error_percent(self) -> float | None:
        """Share of 5xx; None without requests, or if either number is not known."""
        requests, errors = known(self.requests), known(self.errors)
        return 100 * errors / requests if requests and errors is not None else None


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


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Both tracks within one interval."""

    canary: Measurement = field(default_factory=Measurement)
    """The version on trial."""
    stable: Measurement = field(default_factory=Measurement)
    """The baseline."""
    checks: tuple[Check, ...] = ()
    """User-defined queries."""
    error: str = ""
    """Why there is no sample, in the words of Prometheus."""


def known(value: float | None) -> float | None:
    """A number; None for NaN and infinities, which a division by zero gives."""
    return value if value is not None and math.isfinite(value) else None
