"""The Deployment: pods of one track, replaced one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import pulumi

from ..shared import Between, require, track_selector
from .metadata import Manifest
from .pod import Pod, pod_template


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """Times of a rollout, whatever the strategy. Raises ArgsError."""

    timeout_seconds: Annotated[int, Between(30, 3600, "s")] = 300
    """Maximum time without progress of a release's pods; after that the release is rolled back."""
    pre_stop_seconds: Annotated[int, Between(0, 60, "s")] = 5
    """Pause before SIGTERM, in which endpoints and proxies forget the pod."""
    shutdown_seconds: Annotated[int, Between(1, 600, "s")] = 30
    """Time for the server to drain after SIGTERM, before SIGKILL."""

    def __post_init__(self) -> None:
        require(self)

    @property
    def grace_seconds(self) -> int:
        """Time from the decision to stop a pod to SIGKILL."""
        return self.pre_stop_seconds + self.shutdown_seconds

    @property
    def wait(self) -> str:
        """How long Pulumi waits for what is not a Deployment, such as the address of a load balancer."""
        return f"{self.timeout_seconds + 15}s"


def deployment(
    pod: Pod,
    rollout: Rollout,
    *,
    name: str,
    track: str,
    replicas: Mapping[str, int],
    annotations: pulumi.Input[Mapping[str, str]],
) -> Manifest:
    """A Deployment that never has fewer ready pods than asked for.

    replicas: the field of that name, or nothing where an autoscaler owns it.
    """
    # By force, as a field that was edited by hand would end the preview in a conflict. The plugin does not
    # wait: hooks and the gate do.
    plugin = {"pulumi.com/patchForce": "true", "pulumi.com/skipAwait": "true"}
    notes = pulumi.Output.from_input(annotations).apply(lambda more: {**plugin, **more})
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": pod.owner.unnamed | {"name": name, "annotations": notes},
        "spec": {
            **replicas,
            "selector": {"matchLabels": track_selector(pod.owner.name, track)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "progressDeadlineSeconds": rollout.timeout_seconds,
            "revisionHistoryLimit": 10,
            "template": pod_template(pod, track),
        },
    }
