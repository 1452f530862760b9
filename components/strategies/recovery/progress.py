"""How far a rollout has come, read from the status of its Deployment.

Pure, and without Pulumi. The Deployment is as the API server gives it.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Pods of a Deployment at one moment of a rollout."""

    wanted: int
    """Pods asked for."""
    updated: int
    """Pods of the new version."""
    old: int
    """Pods of other versions, those that are leaving left out."""
    available: int
    """Pods that are ready, of all versions."""

    @property
    def is_complete(self) -> bool:
        """Whether all pods run the new version and are ready."""
        return self.updated >= self.wanted and not self.old and self.available >= self.updated

    @property
    def score(self) -> int:
        """Rises with each pod that is created, gets ready or is replaced."""
        return self.updated - self.old + self.available

    @property
    def is_shrinking(self) -> bool:
        """Whether there are more pods than the one that a rolling update adds, as after a scale-down."""
        return self.updated + self.old > self.wanted + 1

    @property
    def text(self) -> str:
        """In words."""
        old = f", {self.old} old {'pod' if self.old == 1 else 'pods'} to go" if self.old else ""
        return f"{self.updated} of {self.wanted} pods are new, {self.available} pods are ready{old}"


def progress(deployment: dict[str, Any]) -> Progress | None:
    """How far the rollout is; None as long as the cluster has not seen what was asked for."""
    status = deployment.get("status", {})
    if status.get("observedGeneration", 0) < deployment["metadata"]["generation"]:
        return None
    updated = status.get("updatedReplicas", 0)
    return Progress(
        wanted=deployment["spec"]["replicas"],
        updated=updated,
        old=status.get("replicas", 0) - updated,
        available=status.get("availableReplicas", 0),
    )


class Patience:
    """Runs out after a time without progress; a pod that comes and goes is none."""

    def __init__(self, seconds: float, now: float) -> None:
        self._seconds, self._best, self._wanted = seconds, float("-inf"), 0
        self._until = now + seconds

    def is_over(self, state: Progress | None, now: float) -> bool:
        """Whether it has run out by now, in seconds of any clock that never goes back."""
        if state:
            # Fewer pods never reach the score of more.
            if state.is_shrinking:
                self._best, self._until = float("-inf"), now + self._seconds
            elif state.score > self._best or state.wanted < self._wanted:
                self._best, self._until = state.score, now + self._seconds
            self._wanted = state.wanted
        return now > self._until
