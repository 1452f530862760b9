"""Limits that a canary has to stay within."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of a trial."""

    min_requests: int
    """Minimum number of requests to the canary within a sample; one with fewer is unmeasured."""
    max_error_percent: float
    """Maximum share of the canary's requests that end in an error, percent."""
    max_error_increase_percent: float
    """Maximum increase of that share over the stable track, percentage points."""
    max_p99_milliseconds: int
    """Maximum 99th percentile of latency; 0 leaves latency out."""
    failure_limit: int
    """Number of failed samples that a trial may have."""
    unmeasured_limit: int
    """Number of unmeasured samples in a row that a trial may have."""
