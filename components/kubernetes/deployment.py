"""The Deployment: pods of one track, replaced a few at a time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import pulumi

from ..shared import Between, require, track_selector, when
from .metadata import Manifest
from .pod import Pod, pod_template

_SURGE = re.compile(r"(100|[1-9]\d?)%|[1-9]\d{0,2}", re.ASCII)


def _surge(text: str) -> str | None:
    wanted = "use a percentage of the pods, 1% to 100%, or a number of them, 1 to 999"
    return when(not _SURGE.fullmatch(text), f'"{text}" is not a number of pods to add; {wanted}')


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """Pace of a rollout, whatever the strategy. Raises ArgsError."""

    timeout_seconds: Annotated[int, Between(30, 3600, "s")] = 300
    """Maximum time without progress of a release's pods; after that the release is rolled back."""
    pre_stop_seconds: Annotated[int, Between(0, 60, "s")] = 5
    """Pause before SIGTERM, in which endpoints and proxies forget the pod."""
    shutdown_seconds: Annotated[int, Between(1, 600, "s")] = 30
    """Time for the server to drain after SIGTERM, before SIGKILL."""
    max_surge: Annotated[str, _surge] = "25%"
    """Pods that a rollout adds at a time, as a percentage of the pods, rounded up, or as a number of them."""
    min_ready_seconds: Annotated[int, Between(0, 600, "s")] = 0
    """Time that a new pod has to stay ready before an old one goes; below timeoutSeconds."""

    def __post_init__(self) -> None:
        ready, timeout = self.min_ready_seconds, self.timeout_seconds
        endless = f"{ready} is not below timeoutSeconds {timeout}; lower it or raise timeoutSeconds"
        require(self, ("min_ready_seconds", when(ready >= timeout, endless), "timeout_seconds"))

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
    surge = rollout.max_surge
    pace = {"maxSurge": int(surge) if surge.isdecimal() else surge, "maxUnavailable": 0}
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
            "strategy": {"type": "RollingUpdate", "rollingUpdate": pace},
            **({"minReadySeconds": rollout.min_ready_seconds} if rollout.min_ready_seconds else {}),
            "progressDeadlineSeconds": rollout.timeout_seconds,
            "revisionHistoryLimit": 10,
            "template": pod_template(pod, track),
        },
    }
