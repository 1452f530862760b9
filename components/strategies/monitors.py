"""Guards a PodMonitor or ServiceMonitor: previews take a kind that the cluster lacks for one to come."""

import asyncio
from typing import Any

import pulumi

from ..cluster import Kubectl, has_kind


def monitor_guard(name: str, known: pulumi.Output[Kubectl]) -> pulumi.ResourceHook:
    """Hook that fails the creation of a monitor in a cluster without its kind, in previews too."""

    async def before_create(args: pulumi.ResourceHookArgs) -> None:
        # A cluster that is not known before the update may get the kind with it.
        if cluster := await known.future():
            await asyncio.to_thread(require_monitor, cluster, dict(args.new_inputs or {}))

    options = pulumi.ResourceHookOptions(on_dry_run=True)
    return pulumi.ResourceHook(f"{name}-monitor-kind", before_create, options)


def require_monitor(cluster: Kubectl, manifest: dict[str, Any]) -> None:
    """Raises RuntimeError if the cluster lacks the kind of a manifest."""
    group_version, kind = manifest["apiVersion"], manifest["kind"]
    if not has_kind(cluster, group_version, kind):
        definition = f"{kind.lower()}s.{group_version.partition('/')[0]}"
        raise RuntimeError(
            f"metrics.monitor: the cluster has no kind {kind} ({group_version}); install "
            f"Prometheus's operator with its CustomResourceDefinition {definition}, or set metrics.monitor "
            "to none"
        )
