"""Limits of the trials that unit tests run: those of the defaults."""

from components.analysis import Limits

LIMITS = Limits(
    min_requests=20,
    max_error_percent=1.0,
    max_error_increase_percent=0.5,
    max_p99_milliseconds=500,
    failure_limit=1,
    unmeasured_limit=3,
)
