"""What a strategy releases."""

from dataclasses import dataclass

import pulumi

from ..cluster import Kubectl
from ..kubernetes import Autoscaling, KubernetesObject, Pod, Rollout


@dataclass(frozen=True, kw_only=True)
class Workload:
    """The pods of a service, and what has to be there before they are."""

    pod: Pod
    """What runs."""
    rollout: Rollout
    """Times of a rollout."""
    autoscaling: Autoscaling
    """Who owns the number of pods."""
    replicas: int
    """Number of pods without an autoscaler."""
    triggers: tuple[pulumi.Input[str], ...]
    """What makes pods new ones: the image, hashes of the configuration, and the shape of the template."""
    pull_secrets: tuple[str, ...]
    """Names of Secrets that have to exist already."""
    account: KubernetesObject
    """The ServiceAccount of the pods, whose uid tells its cluster from others."""
    cluster: pulumi.Output[Kubectl]
    """The cluster that Pulumi deploys to, as kubectl reaches it."""
    guard: pulumi.ResourceHook
    """Refuses to take over objects of others."""

    @property
    def service(self) -> str:
        """Name of the service."""
        return self.pod.owner.name

    @property
    def minimum(self) -> int:
        """Pods that an autoscaler keeps at least; 0 without one."""
        return self.autoscaling.min_replicas if self.autoscaling.enabled else 0
