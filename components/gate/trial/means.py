"""What a trial works with."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from ...analysis import Finding, Sampler
from ...cluster import Kubectl
from ..plan import Plan


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a trial works with, and nothing that it changes."""

    service: str
    """Name of the service and of its stable Deployment."""
    plan: Plan
    """Steps, times and limits."""
    cluster: Kubectl
    """The cluster."""
    sampler: Sampler
    """Takes samples from Prometheus."""
    check: Callable[[Collection[str]], list[Finding]]
    """Checks that there is what a sample needs, given the names of the stable pods."""
    say: Callable[[str], None]
    """Takes one line for people."""
    sleep: Callable[[float], None]
    """Waits some seconds; may raise, to end the trial early."""
    clock: Callable[[], float]
    """Seconds that never go back."""
    wall: Callable[[], datetime]
    """Date and time, UTC."""
