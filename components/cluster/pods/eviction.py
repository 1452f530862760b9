"""Pods that the kubelet has evicted.

Pure. Pods are as the API server gives them.
"""

from collections.abc import Iterable

from .pod_state import Pod


def evictions(pods: Iterable[Pod]) -> dict[str, str]:
    """Why pods were evicted, in the kubelet's words, by their uid.

    A pod that is drained from its node, or preempted, is deleted instead: that is maintenance, and says
    nothing about the version.
    """
    return {
        pod["metadata"]["uid"]: _message(pod)
        for pod in pods
        if pod["status"].get("phase") == "Failed" and pod["status"].get("reason") == "Evicted"
    }


def _message(pod: Pod) -> str:
    return pod["status"].get("message", "").strip() or "no reason given"
