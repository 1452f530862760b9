"""What is done around a change of the stable Deployment: its pods are kept, and its rollout is followed.

Pulumi's plugin can wait for a Deployment, too, but sometimes takes the state before its own change for the
one after it, and has one time limit for all pods: provider/pkg/await/deployment.go of pulumi-kubernetes 4.25.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from .autoscaler import end_autoscaling, keep_pods, raise_to
from .kubectl import ClusterError, ForbiddenError, Kubectl, NotFoundError
from .naming import UNPROVEN
from .rollout_progress import Patience, progress
from .take_back import refused, taken_back

_LOOK_SECONDS = 1.0


class FailedRolloutError(Exception):
    """A release did not come up; why, what was done about it and what serves."""


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """The release of a service."""

    cluster: Kubectl
    """Where it is."""
    service: str
    """Name of the service and its Deployment."""
    seconds: int
    """Longest that pods may make no progress."""
    unproven: str
    """How many releases had not come up before."""
    fewest: int
    """Pods that an autoscaler keeps; 0 if there is none."""
    pull_secrets: tuple[str, ...]
    """Names of Secrets that have to be there already."""


def rollout_hooks(
    name: str, rollout: Rollout, uid: pulumi.Output[str], owned: pulumi.ResourceHook
) -> pulumi.ResourceHookBinding:
    """Hooks of the stable Deployment.

    uid: of the service's account, which tells its cluster from others.
    owned: guards what somebody else made.
    """
    cluster, service = rollout.cluster, rollout.service

    async def before(_args: pulumi.ResourceHookArgs) -> None:
        await asyncio.to_thread(require_same_cluster, cluster, service, await uid.future() or "")

    async def before_pods(_args: pulumi.ResourceHookArgs) -> None:
        await asyncio.to_thread(require_pull_secrets, cluster, rollout.pull_secrets)

    async def before_update(args: pulumi.ResourceHookArgs) -> None:
        if not _replicas(args.new_inputs) and _replicas(args.old_inputs):
            await asyncio.to_thread(keep_pods, cluster, service)

    async def after(args: pulumi.ResourceHookArgs) -> None:
        ended = threading.Event()

        def sleep(seconds: float) -> None:
            if ended.wait(seconds):
                raise InterruptedError  # in a thread that nobody waits for any more
            # Raises when the engine was killed: this process may live on, and must not meddle with the next.
            pulumi.log.debug(f"{service}: following the release", ephemeral=True)

        try:
            await asyncio.to_thread(
                follow, rollout, lambda line: pulumi.log.info(line, ephemeral=True), sleep=sleep
            )
        except asyncio.CancelledError:
            ended.set()
            # Not awaited: it would be cancelled too.
            raise FailedRolloutError(f"interrupted; {taken_back(cluster, service)}") from None
        if fixed := _replicas(args.new_inputs):
            await asyncio.to_thread(end_autoscaling, cluster, service, fixed)

    # Pulumi runs these hooks for a preview that fails, too.
    preview = pulumi.runtime.is_dry_run()

    async def on_error(args: pulumi.ErrorHookArgs) -> bool:
        if args.failed_operation in {"create", "update"} and not preview:
            pulumi.log.error(await asyncio.to_thread(refused, cluster, service))
        return False

    in_previews = pulumi.ResourceHookOptions(on_dry_run=True)
    pull_secrets = pulumi.ResourceHook(f"{name}-pull-secrets", before_pods, in_previews)
    followed = pulumi.ResourceHook(f"{name}-rollout", after)
    return pulumi.ResourceHookBinding(
        # The preview of a creation is told a uid that is never used.
        before_create=[pulumi.ResourceHook(f"{name}-cluster-of-new", before), owned, pull_secrets],
        before_update=[
            pulumi.ResourceHook(f"{name}-cluster", before, in_previews),
            pull_secrets,
            pulumi.ResourceHook(f"{name}-pods", before_update),
        ],
        after_create=[followed],
        after_update=[followed],
        on_error=[pulumi.ErrorHook(f"{name}-refused", on_error)],
    )


def require_same_cluster(cluster: Kubectl, service: str, uid: str) -> None:
    """Raises RuntimeError where kubectl reaches another cluster than Pulumi. uid: empty if not known yet."""
    if not uid:
        return
    found = (cluster.get("serviceaccount", service) or {"metadata": {"uid": "none"}})["metadata"]["uid"]
    if found != uid:
        raise RuntimeError(
            f"kubectl reaches another cluster than Pulumi: ServiceAccount {service} has uid {found} there, "
            f"not {uid}; have KUBECONFIG and kubernetes:context name Pulumi's, or run `pulumi refresh` if "
            "the cluster was made anew"
        )


def require_pull_secrets(cluster: Kubectl, names: tuple[str, ...]) -> None:
    """Raises RuntimeError where a Secret is missing: the kubelet would pull without it, and say so late."""
    for name in names:
        try:
            cluster.run("get", "secret", name, "--output=name")
        except NotFoundError:
            raise RuntimeError(
                f"image.pullSecrets: namespace {cluster.namespace} has no Secret {name}; create it first, or "
                "set image.username and image.password, of which one is made"
            ) from None
        except ForbiddenError:
            return  # who may not read Secrets may well run pods with them


def follow(
    rollout: Rollout,
    say: Callable[[str], None],
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Waits until a rollout is complete. Raises FailedRolloutError, with the release taken back, if it stops.

    say: takes a line about each step.
    """
    cluster, service = rollout.cluster, rollout.service
    try:
        # Whatever ends this program: until it is proven, the next update follows the release again.
        cluster.annotate("deployment", service, **{UNPROVEN: str(int(rollout.unproven or 0) + 1)})
        if rollout.fewest:
            raise_to(cluster, service, rollout.fewest)
        if not _comes_up(rollout, say, sleep, clock):
            raise FailedRolloutError(taken_back(cluster, service))
        cluster.annotate("deployment", service, **{UNPROVEN: rollout.unproven or "0"})
    except ClusterError as error:
        raise FailedRolloutError(
            f"{service}: the cluster does not tell how the release goes: {error}\n"
            "  run `pulumi up` again, which follows it to its end"
        ) from None


def _comes_up(
    rollout: Rollout, say: Callable[[str], None], sleep: Callable[[float], None], clock: Callable[[], float]
) -> bool:
    patience, last = Patience(rollout.seconds, clock()), ""
    while deployment := rollout.cluster.get("deployment", rollout.service):
        if (state := progress(deployment)) and state.is_complete:
            return True
        if patience.is_over(state, clock()):
            return False
        if state and state.text != last:
            say(last := state.text)
        sleep(_LOOK_SECONDS)
    return False


def _replicas(inputs: Mapping[str, Any] | None) -> int:
    """Pods that inputs of a Deployment ask for; 0 if they leave that to an autoscaler."""
    return int((inputs or {}).get("spec", {}).get("replicas", 0))
