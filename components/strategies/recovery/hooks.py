"""Hooks around a change of the stable Deployment: its pods are kept, and its rollout is followed."""

import asyncio
import threading
from collections.abc import Mapping
from typing import Any, TypeVar

import pulumi

from ...cluster import (
    ForbiddenError,
    Kubectl,
    NotFoundError,
    end_autoscaling,
    keep_pods,
    require_same_cluster,
)
from ..workload import Workload
from .follow import FailedRolloutError, FollowedRollout, follow
from .roll_back import describe_refusal, roll_back

_Known = TypeVar("_Known")


def rollout_hooks(name: str, workload: Workload, unproven: pulumi.Output[int]) -> pulumi.ResourceHookBinding:
    """Hooks of the stable Deployment.

    unproven: number of releases before this one that did not come up.
    """
    service = workload.service

    async def before(_args: pulumi.ResourceHookArgs) -> None:
        if cluster := await workload.cluster.future():
            uid = await workload.account.uid.future() or ""
            await asyncio.to_thread(require_same_cluster, cluster, "ServiceAccount", service, uid)

    async def before_pods(_args: pulumi.ResourceHookArgs) -> None:
        if cluster := await workload.cluster.future():
            await asyncio.to_thread(require_pull_secrets, cluster, workload.pull_secrets)

    async def before_update(args: pulumi.ResourceHookArgs) -> None:
        if not _replicas(args.new_inputs) and _replicas(args.old_inputs):
            await asyncio.to_thread(keep_pods, await _known(workload.cluster), service)

    async def after(args: pulumi.ResourceHookArgs) -> None:
        cluster, ended = await _known(workload.cluster), threading.Event()
        rollout = FollowedRollout(
            cluster=cluster,
            service=service,
            seconds=workload.rollout.timeout_seconds,
            unproven=await _known(unproven),
            minimum=workload.minimum,
        )

        def sleep(seconds: float) -> None:
            if ended.wait(seconds):
                raise InterruptedError  # ends the thread, which is not awaited any more
            # Raises once the engine was killed: a process left over must not disturb the next update.
            pulumi.log.debug(f"{service}: following the release", ephemeral=True)

        try:
            await asyncio.to_thread(
                follow, rollout, lambda line: pulumi.log.info(line, ephemeral=True), sleep=sleep
            )
        except asyncio.CancelledError:
            ended.set()
            # Not awaited: it would be cancelled too.
            raise FailedRolloutError(f"interrupted; {roll_back(cluster, service)}") from None
        if fixed := _replicas(args.new_inputs):
            await asyncio.to_thread(end_autoscaling, cluster, service, fixed)

    # Pulumi runs error hooks in previews, too.
    preview = pulumi.runtime.is_dry_run()

    async def on_error(args: pulumi.ErrorHookArgs) -> bool:
        if args.failed_operation in {"create", "update"} and not preview:
            pulumi.log.error(
                await asyncio.to_thread(describe_refusal, await _known(workload.cluster), service)
            )
        return False

    in_previews = pulumi.ResourceHookOptions(on_dry_run=True)
    pull_secrets = pulumi.ResourceHook(f"{name}-pull-secrets", before_pods, in_previews)
    followed = pulumi.ResourceHook(f"{name}-rollout", after)
    return pulumi.ResourceHookBinding(
        # Not in previews, where the uid of a new account is made up.
        before_create=[pulumi.ResourceHook(f"{name}-cluster-of-new", before), workload.guard, pull_secrets],
        before_update=[
            pulumi.ResourceHook(f"{name}-cluster", before, in_previews),
            pull_secrets,
            pulumi.ResourceHook(f"{name}-pods", before_update),
        ],
        after_create=[followed],
        after_update=[followed],
        on_error=[pulumi.ErrorHook(f"{name}-refused", on_error)],
    )


def require_pull_secrets(cluster: Kubectl, names: tuple[str, ...]) -> None:
    """Raises RuntimeError if a Secret is missing: the kubelet would pull without it, and fail late."""
    for name in names:
        try:
            cluster.run("get", "secret", name, "--output=name")
        except NotFoundError:
            raise RuntimeError(
                f"image.pullSecrets: namespace {cluster.namespace} has no Secret {name}; create it first, or "
                "set image.username and image.password to have one made"
            ) from None
        except ForbiddenError:
            return  # pods may use Secrets that this user may not read


async def _known(output: pulumi.Output[_Known]) -> _Known:
    """The value of an output in an update, where everything registered before is known."""
    value = await output.future()
    if value is None:
        raise RuntimeError("the Kubernetes provider has settings that are not known in an update")
    return value


def _replicas(inputs: Mapping[str, Any] | None) -> int:
    """Replicas in the inputs of a Deployment; 0 if an autoscaler owns them."""
    return int((inputs or {}).get("spec", {}).get("replicas", 0))
