"""The HorizontalPodAutoscaler, and who owns the number of pods."""

from dataclasses import dataclass
from typing import Any

from .kubectl import Kubectl
from .naming import OWN_FIELDS
from .ownership import is_ours
from .rules import in_range, require, when

MOST_REPLICAS = 1000


@dataclass(frozen=True, kw_only=True)
class Autoscaling:
    """How many pods there are, by load. Raises ArgsError."""

    enabled: bool = True
    """Let a HorizontalPodAutoscaler own the number of pods."""
    min_replicas: int = 3
    """Fewest pods, 1-1000."""
    max_replicas: int = 20
    """Most pods, from min_replicas to 1000."""
    cpu_percent: int = 60
    """Average CPU use to aim at, percent of the request, 1-100."""
    memory_percent: int = 70
    """Average memory use to aim at, percent of the request, 1-100."""

    def __post_init__(self) -> None:
        low, high = self.min_replicas, self.max_replicas
        crossed = when(low > high, f"{low} is above maxReplicas {high}; lower it or raise maxReplicas")
        require(
            self,
            ("min_replicas", in_range(low, 1, MOST_REPLICAS)),
            ("max_replicas", in_range(high, 1, MOST_REPLICAS)),
            ("min_replicas", crossed, "max_replicas"),
            ("cpu_percent", in_range(self.cpu_percent, 1, 100)),
            ("memory_percent", in_range(self.memory_percent, 1, 100)),
        )


def replicas(autoscaling: Autoscaling, fixed: int) -> dict[str, int]:
    """The `replicas` field of a Deployment: absent when the autoscaler owns it, or the two would fight."""
    return {} if autoscaling.enabled else {"replicas": fixed}


def keep_pods(cluster: Kubectl, service: str) -> None:
    """Has a Deployment keep its pods when Pulumi no longer says how many there are. Raises ClusterError.

    A field that its last owner gives up goes back to its default, which is one pod.
    """
    deployment = cluster.get("deployment", service)
    if deployment:
        identity = {"name": service, "namespace": cluster.namespace}
        spec = {"replicas": deployment["spec"]["replicas"]}
        cluster.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": identity, "spec": spec})


def raise_to(cluster: Kubectl, service: str, fewest: int) -> None:
    """Gives a Deployment the fewest pods that its autoscaler allows, before it does. Raises ClusterError."""
    deployment = cluster.get("deployment", service)
    if deployment and deployment["spec"]["replicas"] < fewest:
        cluster.patch("deployment", service, {"spec": {"replicas": fewest}}, owner=OWN_FIELDS)


def end_autoscaling(cluster: Kubectl, service: str, fixed: int) -> None:
    """Has an autoscaler that is about to be deleted agree to a number of pods. Raises ClusterError."""
    found = cluster.get("horizontalpodautoscaler", service)
    if found and is_ours(found, service):
        bounds = {"spec": {"minReplicas": fixed, "maxReplicas": fixed}}
        cluster.patch("horizontalpodautoscaler", service, bounds)
        cluster.scale(service, fixed)


def autoscaler_spec(autoscaling: Autoscaling, target: dict[str, str]) -> dict[str, Any]:
    """HPA spec for a target of apiVersion, kind and name: quick to add pods, slow to take them away."""
    return {
        "scaleTargetRef": target,
        "minReplicas": autoscaling.min_replicas,
        "maxReplicas": autoscaling.max_replicas,
        "metrics": [
            _utilization("cpu", autoscaling.cpu_percent),
            _utilization("memory", autoscaling.memory_percent),
        ],
        "behavior": {
            "scaleUp": {
                "stabilizationWindowSeconds": 60,
                "policies": [{"type": "Percent", "value": 100, "periodSeconds": 60}],
            },
            "scaleDown": {"stabilizationWindowSeconds": 300},
        },
    }


def _utilization(resource: str, percent: int) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": resource, "target": target}}
