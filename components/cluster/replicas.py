"""The number of pods, handed from Pulumi to an autoscaler and back."""

from ..shared import OWN_FIELDS
from .kubectl import Kubectl
from .ownership import is_ours


def keep_pods(cluster: Kubectl, service: str) -> None:
    """Keeps the number of a Deployment's pods when Pulumi no longer sets it. Raises ClusterError.

    Without another owner the field would go back to its default, one pod.
    """
    deployment = cluster.get("deployment", service)
    if deployment:
        identity = {"name": service, "namespace": cluster.namespace}
        spec = {"replicas": deployment["spec"]["replicas"]}
        cluster.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": identity, "spec": spec})


def raise_to(cluster: Kubectl, service: str, minimum: int) -> None:
    """Raises the number of a Deployment's pods to its autoscaler's minimum. Raises ClusterError."""
    deployment = cluster.get("deployment", service)
    if deployment and deployment["spec"]["replicas"] < minimum:
        cluster.patch("deployment", service, {"spec": {"replicas": minimum}}, owner=OWN_FIELDS)


def end_autoscaling(cluster: Kubectl, service: str, fixed: int) -> None:
    """Pins an autoscaler that is about to be deleted, and its Deployment, to a number of pods.

    Raises ClusterError.
    """
    found = cluster.get("horizontalpodautoscaler", service)
    if found and is_ours(found, service):
        bounds = {"spec": {"minReplicas": fixed, "maxReplicas": fixed}}
        cluster.patch("horizontalpodautoscaler", service, bounds)
        cluster.scale(service, fixed)
