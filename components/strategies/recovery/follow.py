"""Follows the rollout of the stable Deployment to its end.

Pulumi's plugin can wait for a Deployment, too, but sometimes takes the state before its own change for the
one after it, and has one time limit for all pods: provider/pkg/await/deployment.go of pulumi-kubernetes 4.25.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...cluster import ClusterError, Kubectl, clear_failures, raise_to
from ...shared import UNPROVEN
from .progress import Patience, progress
from .roll_back import roll_back

_LOOK_SECONDS = 0.3


class FailedRolloutError(Exception):
    """A release did not come up; why, what was done about it and what serves."""


@dataclass(frozen=True, kw_only=True)
class FollowedRollout:
    """A rollout under way."""

    cluster: Kubectl
    """Where it is."""
    service: str
    """Name of the service and its Deployment."""
    seconds: int
    """Maximum time without progress."""
    unproven: int
    """Number of releases before this one that did not come up."""
    minimum: int
    """Pods that an autoscaler keeps at least; 0 without one."""


def follow(
    rollout: FollowedRollout,
    say: Callable[[str], None],
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Waits until a rollout is complete. Raises FailedRolloutError, after rolling back, if it stops.

    say: takes a line about each step.
    """
    cluster, service = rollout.cluster, rollout.service
    try:
        # If this program is killed, the next update follows the release again.
        cluster.annotate("deployment", service, {UNPROVEN: str(rollout.unproven + 1)})
        if rollout.minimum:
            raise_to(cluster, service, rollout.minimum)
        deployment = _come_up(rollout, say, sleep, clock)
        if deployment is None:
            raise FailedRolloutError(roll_back(cluster, service))
        clear_failures(cluster, service, deployment["spec"]["template"])
        cluster.annotate("deployment", service, {UNPROVEN: str(rollout.unproven)})
    except ClusterError as error:
        raise FailedRolloutError(
            f"{service}: the cluster does not tell how the release goes: {error}\n"
            "  run `pulumi up` again, which follows it to its end"
        ) from None


def _come_up(
    rollout: FollowedRollout,
    say: Callable[[str], None],
    sleep: Callable[[float], None],
    clock: Callable[[], float],
) -> dict[str, Any] | None:
    """The Deployment once its rollout is complete; None if it stops."""
    patience, last = Patience(rollout.seconds, clock()), ""
    while deployment := rollout.cluster.get("deployment", rollout.service):
        if (state := progress(deployment)) and state.is_complete:
            return deployment
        if patience.is_over(state, clock()):
            return None
        if state and state.text != last:
            say(last := state.text)
        sleep(_LOOK_SECONDS)
    return None
