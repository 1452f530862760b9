"""The number of pods, handed from Pulumi to an autoscaler and back."""

from ..shared import OWN_FIELDS
from .kubectl import Kubectl
from .ownership import is_ours
from .room import room_needed


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


def raise_autoscaled(cluster: Kubectl, service: str, ready: int, leaving: int) -> int:
    """Raises the number of an autoscaled Deployment's pods, to take over the load of pods that leave.

    Returns the number; 0 if nothing had to change, or no autoscaler of ours owns it. Raises ClusterError.
    ready: its pods that take traffic. leaving: pods that are about to go, and take traffic.
    """
    scaler = cluster.get("horizontalpodautoscaler", service)
    deployment = cluster.get("deployment", service)
    if not deployment or not scaler or not is_ours(scaler, service):
        return 0
    now = deployment["spec"]["replicas"]
    needed = room_needed(scaler, now, ready, leaving)
    if needed == now:
        return 0
    # The autoscaler goes on from this number and lowers it by what it measures, so there is nothing to undo.
    cluster.patch("deployment", service, {"spec": {"replicas": needed}}, owner=OWN_FIELDS)
    return needed


def end_autoscaling(cluster: Kubectl, service: str, fixed: int) -> None:
    """Pins an autoscaler that is about to be deleted, and its Deployment, to a number of pods.

    Raises ClusterError.
    """
    found = cluster.get("horizontalpodautoscaler", service)
    if found and is_ours(found, service):
        bounds = {"spec": {"minReplicas": fixed, "maxReplicas": fixed}}
        cluster.patch("horizontalpodautoscaler", service, bounds)
        cluster.scale(service, fixed)
