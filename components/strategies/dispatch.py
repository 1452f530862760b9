"""The one place that chooses by strategy."""

from dataclasses import dataclass

import pulumi

from ..kubernetes import KubernetesObject
from .canary import Canary, CanaryTrack, CanaryTrackArgs
from .rolling import Rolling
from .stable import stable_track
from .workload import Workload

Strategy = Rolling | Canary


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """What a strategy registered."""

    deployment: KubernetesObject
    """The Deployment that serves."""
    canary: CanaryTrack | None = None
    """The track that new versions are tried on, and its gate."""


def deploy(name: str, strategy: Strategy, workload: Workload, opts: pulumi.ResourceOptions) -> Deployed:
    """Registers what releases a workload.

    opts: of everything registered: the parent, and what pods have to wait for.
    """
    match strategy:
        case Rolling():
            return Deployed(deployment=stable_track(name, workload, opts))
        case Canary():
            canary = CanaryTrack(name, CanaryTrackArgs(canary=strategy, workload=workload), opts)
            after = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[canary]))
            return Deployed(deployment=stable_track(name, workload, after), canary=canary)
