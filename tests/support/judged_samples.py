"""Samples to judge: of tracks that do well, but for what is given."""

import math
from dataclasses import replace
from typing import Any

from components.analysis.samples import Check, Measurement, Sample

NAN, INF = math.nan, math.inf
GOOD = Measurement(requests=100.0, errors=0.0, timed=100.0, slow=0.0, slow_at_most=0.0, p99_seconds=0.02)
STABLE = replace(GOOD, requests=900.0, timed=900.0)
PLANNED = 9


def sample(canary: dict[str, Any] | None = None, stable: dict[str, Any] | None = None, **more: Any) -> Sample:
    """A sample of two tracks that do well, but for what is given."""
    return Sample(canary=replace(GOOD, **canary or {}), stable=replace(STABLE, **stable or {}), **more)


def errors(requests: float, number: float) -> Sample:
    """A sample with so many requests to the canary, and so many errors."""
    return sample({"requests": requests, "errors": number})


def slow(surely: float, at_most: float, buckets: tuple[float, float] | None = None) -> Sample:
    """A sample with so many slow answers of 100."""
    return sample({"slow": surely, "slow_at_most": at_most}, buckets=buckets)


def check(value: float | None, comparison: Any = "<=", bound: float = 10.0, error: str = "") -> Check:
    return Check(name="depth", comparison=comparison, bound=bound, value=value, error=error)
