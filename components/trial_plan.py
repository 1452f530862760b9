"""How long a canary is tried, in which steps, and by which limits.

Without Pulumi: the gate imports it as a program of its own.
"""

from dataclasses import dataclass

from .analysis import Limits


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a trial does. Times in seconds."""

    steps: tuple[int, ...]
    """Shares of pods that the canary gets in turn, percent."""
    analysis: int
    """The whole trial, warm-up included."""
    interval: int
    """From sample to sample, and what one sample covers."""
    warmup: int
    """From ready pods to the first interval that counts."""
    start: int
    """Longest that pods may take to become ready."""
    limits: Limits
    """What the canary has to keep."""

    @property
    def planned(self) -> int:
        """Samples that have to have a verdict; at least one for each step."""
        return max((self.analysis - self.warmup) // self.interval, len(self.steps))

    def weight(self, judged: int) -> int:
        """Share of the canary once so many samples have a verdict, percent."""
        return self.steps[min(judged * len(self.steps) // self.planned, len(self.steps) - 1)]
