"""Whether a pod is ready, leaving or crashed.

Pure. Pods are as the API server gives them.
"""

from typing import Any

Pod = dict[str, Any]

# Reasons of pods that end with their node: a reboot, a shutdown, a node that is away.
_NODE_ENDED = frozenset({"NodeShutdown", "Shutdown", "Terminated", "NodeLost", "NodeAffinity"})
# What the kubelet writes of a container that it has lost track of, as after a reboot.
_LOST = frozenset({"Unknown", "ContainerStatusUnknown"})


def name(pod: Pod) -> str:
    return pod["metadata"]["name"]


def has_finished(pod: Pod) -> bool:
    """Whether it has ended for good, as after an eviction. Such a pod stays until somebody deletes it."""
    return pod["status"].get("phase") in {"Failed", "Succeeded"}


def is_leaving(pod: Pod) -> bool:
    """Whether it is being deleted, or was evicted or has finished, and will be replaced."""
    return "deletionTimestamp" in pod["metadata"] or has_finished(pod)


def is_ready(pod: Pod) -> bool:
    """Whether it takes traffic."""
    conditions = pod["status"].get("conditions", [])
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
    return ready and not is_leaving(pod)


def has_crashed(pod: Pod, container: str) -> bool:
    """Whether a container of it ended by itself, not by an eviction, a deletion or its node."""
    if is_leaving(pod) or pod["status"].get("reason") in _NODE_ENDED:
        return False
    statuses = pod["status"].get("containerStatuses", [])
    return any(status["name"] == container and termination(status) for status in statuses)


def termination(status: dict[str, Any]) -> dict[str, Any] | None:
    """How a container last ended, from its status; None if it has not ended, or only with its node."""
    ended = _ended(status)
    return None if ended is None or ended.get("reason") in _LOST else ended


def restarted_sidecars(pod: Pod, container: str) -> list[str]:
    """Names of the other containers of a pod that have been started more than once."""
    # Sidecars of Kubernetes' own kind are init containers that stay.
    stay = {c["name"] for c in pod["spec"].get("initContainers", []) if c.get("restartPolicy") == "Always"}
    statuses = [
        *(s for s in pod["status"].get("containerStatuses", []) if s["name"] != container),
        *(s for s in pod["status"].get("initContainerStatuses", []) if s["name"] in stay),
    ]
    if is_leaving(pod):
        return []
    return [status["name"] for status in statuses if termination(status)]


def _ended(status: dict[str, Any]) -> dict[str, Any] | None:
    now = status.get("state", {}).get("terminated")
    before = status.get("lastState", {}).get("terminated")
    return now or (before if status.get("restartCount") else None)
