"""How far a rollout has come, read from the status of its Deployment.

Pure, and without Pulumi. The Deployment is as the API server gives it.
"""

import math
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
    ready: int
    """Pods that are ready, of all versions."""
    available: int
    """Those that have been ready for the Deployment's minReadySeconds."""
    surge: int
    """Pods that the rollout may add to those asked for."""

    @property
    def is_complete(self) -> bool:
        """Whether all pods run the new version and have been ready for long enough."""
        return self.updated >= self.wanted and not self.old and self.available >= self.updated

    @property
    def score(self) -> int:
        """Rises with each pod that is created, gets ready, stays ready or is replaced."""
        # Doubled, so that an old pod that goes, ready and available, takes nothing away.
        return 2 * (self.updated - self.old) + self.ready + self.available

    @property
    def is_shrinking(self) -> bool:
        """Whether there are more pods than a rolling update adds, as after a scale-down."""
        return self.updated + self.old > self.wanted + self.surge

    @property
    def text(self) -> str:
        """In words."""
        old = f", {self.old} old {'pod' if self.old == 1 else 'pods'} to go" if self.old else ""
        fresh = f", {self.ready - self.available} of them only just" if self.ready > self.available else ""
        return f"{self.updated} of {self.wanted} pods are new, {self.ready} pods are ready{fresh}{old}"


def progress(deployment: dict[str, Any]) -> Progress | None:
    """How far the rollout is; None as long as the cluster has not seen what was asked for."""
    status = deployment.get("status", {})
    if status.get("observedGeneration", 0) < deployment["metadata"]["generation"]:
        return None
    updated, wanted = status.get("updatedReplicas", 0), deployment["spec"]["replicas"]
    return Progress(
        wanted=wanted,
        updated=updated,
        old=status.get("replicas", 0) - updated,
        ready=status.get("readyReplicas", 0),
        available=status.get("availableReplicas", 0),
        surge=_surge(deployment["spec"]["strategy"], wanted),
    )


def _surge(strategy: dict[str, Any], wanted: int) -> int:
    """Pods that a rolling update adds; a percentage is rounded up, as Kubernetes does."""
    surge: int | str = strategy.get("rollingUpdate", {}).get("maxSurge", 0)
    return surge if isinstance(surge, int) else math.ceil(wanted * int(surge.rstrip("%")) / 100)


class Patience:
    """Runs out after a time without progress; a pod that comes and goes is none."""

    def __init__(self, seconds: float, now: float) -> None:
        self._seconds, self._best, self._wanted, self._total = seconds, float("-inf"), 0, 0
        self._until = now + seconds

    def is_over(self, state: Progress | None, now: float) -> bool:
        """Whether it has run out by now, in seconds of any clock that never goes back."""
        if state:
            total = state.updated + state.old
            if state.is_shrinking:
                # Fewer pods never reach the score of more. As many as before get on with nothing: they can be
                # too many for good, once maxSurge was lowered beside pods that do not get ready.
                self._best = float("-inf")
                if (state.wanted, total) != (self._wanted, self._total):
                    self._until = now + self._seconds
            elif state.score > self._best or state.wanted < self._wanted:
                self._best, self._until = state.score, now + self._seconds
            self._wanted, self._total = state.wanted, total
        return now > self._until
