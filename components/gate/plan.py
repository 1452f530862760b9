"""Steps, times and limits of a trial."""

from dataclasses import dataclass

from ..analysis import Limits


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Plan of a trial. Times in seconds."""

    steps: tuple[int, ...]
    """Shares of pods that the canary gets in turn, percent."""
    analysis: int
    """The whole trial, the warm-up of each step included."""
    interval: int
    """From sample to sample, and what one sample covers."""
    warmup: int
    """From ready pods to the first interval that counts, whenever the canary has got new pods."""
    start: int
    """Maximum time for pods to become ready."""
    eviction_limit: int
    """Maximum number of evicted pods."""
    limits: Limits
    """Limits that the canary has to stay within."""

    @property
    def planned(self) -> int:
        """Number of samples that have to be measured; at least one for each step."""
        return max((self.analysis - self.warmup * len(self.steps)) // self.interval, len(self.steps))

    def weight(self, measured: int) -> int:
        """Share of the canary after so many measured samples, percent."""
        return self.steps[min(measured * len(self.steps) // self.planned, len(self.steps) - 1)]

    def progress(self, measured: int) -> str:
        """How far a trial is, such as `3/9`. One that goes on undecided has twice the samples."""
        return f"{measured}/{self.planned if measured <= self.planned else 2 * self.planned}"
