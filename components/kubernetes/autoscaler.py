"""The HorizontalPodAutoscaler, and who owns the number of pods."""

from dataclasses import dataclass
from typing import Annotated, Any

from ..shared import Between, require, when
from .metadata import Manifest, Owner

PODS = Between(1, 1000)
"""Pods that a service may have."""


@dataclass(frozen=True, kw_only=True)
class Autoscaling:
    """How many pods there are, by load. Raises ArgsError."""

    enabled: bool = True
    """Let a HorizontalPodAutoscaler own the number of pods."""
    min_replicas: Annotated[int, PODS] = 3
    """Minimum number of pods."""
    max_replicas: Annotated[int, PODS] = 20
    """Maximum number of pods; at least the minimum."""
    cpu_percent: Annotated[int, Between(1, 100, "%")] = 60
    """Average CPU use to aim at, percent of the request."""
    memory_percent: Annotated[int, Between(1, 100, "%")] = 70
    """Average memory use to aim at, percent of the request."""

    def __post_init__(self) -> None:
        low, high = self.min_replicas, self.max_replicas
        crossed = when(low > high, f"{low} is above maxReplicas {high}; lower it or raise maxReplicas")
        require(self, ("min_replicas", crossed, "max_replicas"))


def replicas(autoscaling: Autoscaling, fixed: int) -> dict[str, int]:
    """The `replicas` field of a Deployment: absent when the autoscaler owns it, or the two would fight."""
    return {} if autoscaling.enabled else {"replicas": fixed}


def autoscaler(owner: Owner, autoscaling: Autoscaling) -> Manifest:
    """Quick to add pods to the service's Deployment, slow to take them away."""
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": owner.name},
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
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": owner.named,
        "spec": spec,
    }


def _utilization(resource: str, percent: int) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": resource, "target": target}}
