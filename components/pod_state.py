"""What pods of the cluster are up to: ready, on their way, or why not.

Pure, and without Pulumi. Pods are as the API server gives them.
"""

from collections.abc import Sequence
from typing import Any

Pod = dict[str, Any]

_PULLING = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"})


def name(pod: Pod) -> str:
    return pod["metadata"]["name"]


def is_leaving(pod: Pod) -> bool:
    """Whether it is being deleted, or is evicted or finished, and will be replaced."""
    return "deletionTimestamp" in pod["metadata"] or pod["status"].get("phase") in {"Failed", "Succeeded"}


def is_ready(pod: Pod) -> bool:
    """Whether it takes traffic."""
    conditions = pod["status"].get("conditions", [])
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
    return ready and not is_leaving(pod)


def crashes(pods: Sequence[Pod]) -> list[str]:
    """Containers that ended by themselves, as no eviction or deletion makes them, one line each."""
    return [
        f"{name(pod)} crashed: {_ended(state, status)}"
        for pod in pods
        if not is_leaving(pod)
        for status in pod["status"].get("containerStatuses", [])
        if (state := _termination(status))
    ]


def why_not_ready(pods: Sequence[Pod]) -> str:
    """The most telling reason why pods are not ready; empty if all are."""
    reasons = [
        reason for pod in pods if not is_ready(pod) and not is_leaving(pod) for reason in _reasons(pod)
    ]
    return "; ".join(dict.fromkeys(reasons))


def _reasons(pod: Pod) -> list[str]:
    statuses = pod["status"].get("containerStatuses", [])
    if not statuses:
        unscheduled = [
            f"not scheduled: {c.get('message', c.get('reason', 'no reason given'))}"
            for c in pod["status"].get("conditions", [])
            if c["type"] == "PodScheduled" and c["status"] != "True"
        ]
        return unscheduled or ["not started yet"]
    found: list[str] = []
    for status in statuses:
        waiting = status.get("state", {}).get("waiting")
        if state := _termination(status):
            found.append(f"crashed: {_ended(state, status)}")
        elif waiting:
            found.append(_told(waiting))
        elif not status.get("ready"):
            found.append("runs, but its readiness probe does not succeed")
    return found


def _told(waiting: dict[str, Any]) -> str:
    reason, message = waiting.get("reason", "waiting"), waiting.get("message", "")
    prefix = "the image cannot be pulled: " if reason in _PULLING else ""
    return f"{prefix}{reason}" + (f" ({message})" if message else "")


def _termination(status: dict[str, Any]) -> dict[str, Any] | None:
    """How a container ended by itself last; None if it has not."""
    now = status.get("state", {}).get("terminated")
    before = status.get("lastState", {}).get("terminated")
    return now or (before if status.get("restartCount") else None)


def _ended(state: dict[str, Any], status: dict[str, Any]) -> str:
    count = status.get("restartCount", 0)
    how = state.get("reason", "Error")
    return f"{how}, exit code {state['exitCode']}" + (f", restarted {count} times" if count > 1 else "")
