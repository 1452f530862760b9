"""Whether a pod is ready, leaving or crashed.

Pure. Pods are as the API server gives them.
"""

from typing import Any

Pod = dict[str, Any]


def name(pod: Pod) -> str:
    return pod["metadata"]["name"]


def is_leaving(pod: Pod) -> bool:
    """Whether it is being deleted, or was evicted or has finished, and will be replaced."""
    return "deletionTimestamp" in pod["metadata"] or pod["status"].get("phase") in {"Failed", "Succeeded"}


def is_ready(pod: Pod) -> bool:
    """Whether it takes traffic."""
    conditions = pod["status"].get("conditions", [])
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
    return ready and not is_leaving(pod)


def has_crashed(pod: Pod) -> bool:
    """Whether a container of it ended by itself, not by an eviction or deletion."""
    statuses = pod["status"].get("containerStatuses", [])
    return not is_leaving(pod) and any(termination(status) for status in statuses)


def termination(status: dict[str, Any]) -> dict[str, Any] | None:
    """How a container last ended, from its status; None if it has not ended."""
    now = status.get("state", {}).get("terminated")
    before = status.get("lastState", {}).get("terminated")
    return now or (before if status.get("restartCount") else None)
