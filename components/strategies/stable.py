"""The stable track: the Deployment that serves, whatever was tried before."""

import asyncio
from dataclasses import replace

import pulumi

from ..cluster import ClusterError, Kubectl, count_unproven
from ..kubernetes import KubernetesObject, deployment, replicas
from ..shared import AFTER_UNPROVEN
from .recovery import rollout_hooks
from .workload import Workload


def stable_track(name: str, workload: Workload, opts: pulumi.ResourceOptions) -> KubernetesObject:
    """Registers the Deployment. Its rollout is followed, and rolled back where it does not come up."""
    # The cluster keeps the count, as it outlives a program that is killed.
    counted = workload.cluster.apply(lambda cluster: _count(cluster, workload.service))
    unproven = pulumi.Output.unsecret(counted)  # whatever the kubeconfig is
    manifest = deployment(
        workload.pod,
        workload.rollout,
        name=workload.service,
        track="stable",
        replicas=replicas(workload.autoscaling, workload.replicas),
        annotations=unproven.apply(lambda count: {AFTER_UNPROVEN: str(count)} if count else {}),
    )
    return KubernetesObject(
        f"{name}-deployment",
        manifest,
        pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(hooks=rollout_hooks(name, workload, unproven))
        ),
    )


async def _count(cluster: Kubectl, service: str) -> int:
    try:
        return await asyncio.to_thread(count_unproven, replace(cluster, patience=0), service)
    except ClusterError as error:
        raise pulumi.RunError(f"{service}: the cluster cannot be used: {error}") from None
