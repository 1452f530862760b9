"""The stable and the canary track of a service, as they are in the cluster at one moment.

Without Pulumi: the gate imports it as a program of its own.
"""

from dataclasses import dataclass
from typing import Any

from . import pod_state
from .kubectl import Kubectl
from .naming import TRACK, VERSION, annotation, canary_name, selector


@dataclass(frozen=True, kw_only=True)
class Workload:
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
    def template(self) -> dict[str, Any]:
        """Pod template without the track, so that those of two tracks can be compared."""
        template = self.deployment["spec"]["template"]
        metadata = template["metadata"]
        labels = {key: value for key, value in metadata["labels"].items() if key != TRACK}
        spread = template["spec"].get("topologySpreadConstraints", [])
        spec = template["spec"] | {"topologySpreadConstraints": [_without_track(one) for one in spread]}
        return {"metadata": metadata | {"labels": labels}, "spec": spec}

    @property
    def release(self) -> dict[str, str]:
        """Version and image that its pods are to run."""
        return release(self.deployment["spec"]["template"])

    def annotation(self, key: str) -> str:
        """Our annotation `goservice/KEY`; empty if there is none."""
        return self.deployment["metadata"].get("annotations", {}).get(annotation(key), "")


@dataclass(frozen=True, kw_only=True)
class Tracks:
    """Both tracks; one that there is not is None."""

    stable: Workload | None
    """What everybody gets."""
    canary: Workload | None
    """What is tried; without pods between trials."""

    @property
    def share(self) -> float:
        """Share of the pods that take traffic which are the canary's, percent."""
        canary, stable = (workload.ready if workload else 0 for workload in (self.canary, self.stable))
        return 100 * canary / (canary + stable) if canary + stable else 0.0


def release(template: dict[str, Any]) -> dict[str, str]:
    """Version and image of a pod template."""
    image: str = template["spec"]["containers"][0]["image"]
    return {"version": template["metadata"]["labels"].get(VERSION, ""), "image": image}


def named(release: dict[str, str]) -> str:
    """What people call a release: its version, or its image if it has none."""
    return release["version"] or release["image"]


def look(cluster: Kubectl, service: str) -> Tracks:
    """Both tracks of a service now. Raises ClusterError."""
    items = cluster.list("deployments.apps,pods", selector(service))
    deployments = {item["metadata"]["name"]: item for item in items if item["kind"] == "Deployment"}

    def workload(name: str, track: str) -> Workload | None:
        if name not in deployments:
            return None
        pods = [i for i in items if i["kind"] == "Pod" and i["metadata"]["labels"].get(TRACK) == track]
        return Workload(deployment=deployments[name], pods=pods)

    return Tracks(stable=workload(service, "stable"), canary=workload(canary_name(service), "canary"))


def _without_track(constraint: dict[str, Any]) -> dict[str, Any]:
    labels = constraint.get("labelSelector", {}).get("matchLabels", {})
    kept = {key: value for key, value in labels.items() if key != TRACK}
    return constraint | {"labelSelector": {"matchLabels": kept}}
