"""The service of a stack as it is in the cluster, and its history."""

from typing import Any

from ..cluster import PastRelease, Tracks, find_history, find_tracks
from ..config import kubectl_of, load_stack
from ..shared import selector
from .console import OperatorError, console


class LiveService:
    """The service of a stack, in the cluster that the stack deploys to.

    Making one raises ConfigError or PulumiError if the stack cannot be read; the methods raise ClusterError,
    and OperatorError if the service is not in the cluster.
    """

    def __init__(self, stack: str) -> None:
        self.settings = load_stack(stack)
        self.kubectl = kubectl_of(self.settings, say=lambda line: console.print(line, style="dim"))

    @property
    def name(self) -> str:
        return self.settings.name

    def tracks(self) -> Tracks:
        """Both tracks now, the stable one always among them."""
        tracks = find_tracks(self.kubectl, self.name)
        if tracks.stable is None:
            raise self._missing()
        return tracks

    def history(self) -> list[PastRelease]:
        """Its releases, newest first."""
        found = find_history(self.kubectl, self.name)
        if found is None:
            raise self._missing()
        return found

    def replica_sets(self) -> list[dict[str, Any]]:
        """The ReplicaSets of both tracks, which the history is made from."""
        return self.kubectl.list("replicasets", selector(self.name))

    def _missing(self) -> OperatorError:
        place = f"namespace {self.settings.namespace}"
        return OperatorError(f"{self.name} does not run in {place}; `pulumi up` brings it up")
