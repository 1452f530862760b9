"""The stable and the canary track of a service, as they are in the cluster at one moment."""

from dataclasses import dataclass
from typing import Any

from ..shared import TRACK, canary_name, selector
from .kubectl import Kubectl
from .pods import pod_state
from .releases.deployed_release import DeployedRelease, deployed_release


@dataclass(frozen=True, kw_only=True)
class Track:
    """A Deployment and its pods, as the API server gives them."""

    deployment: dict[str, Any]
    """The Deployment."""
    pods: list[dict[str, Any]]
    """Its pods, those that are leaving included."""

    @property
    def name(self) -> str:
        return self.deployment["metadata"]["name"]

    @property
    def replicas(self) -> int:
        """Pods wanted."""
        return self.deployment["spec"]["replicas"]

    @property
    def ready(self) -> int:
        """Pods that take traffic."""
        return sum(pod_state.is_ready(pod) for pod in self.pods)

    @property
    def count(self) -> str:
        """In words, such as `1 of 2 pods ready`."""
        return f"{self.ready} of {self.replicas} pods ready"

    @property
    def pod_names(self) -> frozenset[str]:
        return frozenset(pod_state.name(pod) for pod in self.pods)

    @property
    def container(self) -> str:
        """Name of the service's own container; others that its pods have are sidecars."""
        return self.deployment["spec"]["template"]["spec"]["containers"][0]["name"]

    @property
    def template(self) -> dict[str, Any]:
        """Pod template without the track, so that those of two tracks can be compared."""
        return template_without_track(self.deployment["spec"]["template"])

    @property
    def release(self) -> DeployedRelease:
        """What its pods are to run."""
        return deployed_release(self.deployment["spec"]["template"])

    def annotation(self, key: str) -> str:
        """An annotation; empty if there is none."""
        return self.deployment["metadata"].get("annotations", {}).get(key, "")


@dataclass(frozen=True, kw_only=True)
class Tracks:
    """Both tracks; None for one that does not exist."""

    stable: Track | None
    """Serves all but the share of the canary."""
    canary: Track | None
    """Serves the version on trial; without pods between trials."""

    @property
    def share(self) -> float:
        """Share of the pods that take traffic which are the canary's, percent."""
        canary, stable = (track.ready if track else 0 for track in (self.canary, self.stable))
        return 100 * canary / (canary + stable) if canary + stable else 0.0


def find_tracks(cluster: Kubectl, service: str) -> Tracks:
    """Both tracks of a service now. Raises ClusterError."""
    items = cluster.list("deployments.apps,pods", selector(service))
    deployments = {item["metadata"]["name"]: item for item in items if item["kind"] == "Deployment"}

    def track_of(name: str, label: str) -> Track | None:
        if name not in deployments:
            return None
        pods = [i for i in items if i["kind"] == "Pod" and i["metadata"]["labels"].get(TRACK) == label]
        return Track(deployment=deployments[name], pods=pods)

    return Tracks(stable=track_of(service, "stable"), canary=track_of(canary_name(service), "canary"))


def template_without_track(template: dict[str, Any]) -> dict[str, Any]:
    """Pod template of a Deployment or ReplicaSet, without what tells tracks and ReplicaSets apart."""
    metadata = template["metadata"]
    own = (TRACK, "pod-template-hash")
    labels = {key: value for key, value in metadata["labels"].items() if key not in own}
    spread = template["spec"].get("topologySpreadConstraints", [])
    spec = template["spec"] | {"topologySpreadConstraints": [_without_track(one) for one in spread]}
    return {"metadata": metadata | {"labels": labels}, "spec": spec}


def _without_track(constraint: dict[str, Any]) -> dict[str, Any]:
    labels = constraint.get("labelSelector", {}).get("matchLabels", {})
    kept = {key: value for key, value in labels.items() if key != TRACK}
    return constraint | {"labelSelector": {"matchLabels": kept}}
