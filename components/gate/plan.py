"""Steps, times and limits of a trial."""

from dataclasses import dataclass

from ..analysis import Limits


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Plan of a trial. Times in seconds."""

    steps: tuple[int, ...]
    """Shares of pods that the canary gets in turn, percent."""
    analysis: int
    """The whole trial, warm-up included."""
    interval: int
    """From sample to sample, and what one sample covers."""
    warmup: int
    """From ready pods to the first interval that counts."""
    start: int
    """Maximum time for pods to become ready."""
    limits: Limits
    """Limits that the canary has to stay within."""

    @property
    def planned(self) -> int:
        """Number of samples that have to be measured; at least one for each step."""
        return max((self.analysis - self.warmup) // self.interval, len(self.steps))

    def weight(self, measured: int) -> int:
        """Share of the canary after so many measured samples, percent."""
        return self.steps[min(measured * len(self.steps) // self.planned, len(self.steps) - 1)]
