"""Pods, containers and events as the API server gives them, to ask questions about."""

from typing import Any

IMAGE = "registry/shop@sha256:abc"
READINESS = "readiness probe GET /health/ready on port 8080"


def pod(*statuses: dict[str, Any], name: str = "shop-1", ready: bool = False, **more: Any) -> dict[str, Any]:
    """A running pod with containers of these statuses; `deleted` or `phase` make it another."""
    metadata: dict[str, Any] = {"name": name}
    if more.get("deleted"):
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    conditions = [{"type": "Ready", "status": str(ready)}, *more.get("conditions", ())]
    status: dict[str, Any] = {"phase": more.get("phase", "Running"), "conditions": conditions}
    return {
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"containers": [more.get("spec") or container()]},
        "status": status | ({"containerStatuses": list(statuses)} if statuses else {}),
    }


def container(**more: Any) -> dict[str, Any]:
    """Spec of the container of a pod."""
    return {
        "name": "shop",
        "image": IMAGE,
        "ports": [{"name": "http", "containerPort": 8080}],
        "resources": {"limits": {"memory": "256Mi"}},
        "livenessProbe": {"httpGet": {"path": "/health/live", "port": "http"}},
        "readinessProbe": {"httpGet": {"path": "/health/ready", "port": "http"}},
    } | more


def status(state: dict[str, Any], last: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Status of that container."""
    return {"name": "shop", "state": state, "lastState": last or {}, "restartCount": 0, "ready": False} | more


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    """Status of a container that waits."""
    return status({"waiting": {"reason": reason} | ({"message": message} if message else {})})


RUNNING = status({"running": {}}, started=True)
READY = status({"running": {}}, ready=True, started=True)
PANIC = {"terminated": {"reason": "Error", "exitCode": 2}}
KILLED = {"terminated": {"reason": "OOMKilled", "exitCode": 137}}
BACK_OFF = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting"}}


def event(message: str, pod: str = "shop-1", kind: str = "Warning", at: int = 0) -> dict[str, Any]:
    """What was said of a pod, at a second of a minute."""
    return {
        "type": kind,
        "message": message,
        "lastTimestamp": f"2026-01-01T00:00:{at:02}Z",
        "involvedObject": {"kind": "Pod", "name": pod},
    }
