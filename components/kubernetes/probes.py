"""The probes of a container."""

from dataclasses import dataclass
from typing import Annotated, Any

from ..shared import http_path, require

START_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Probes:
    """What the kubelet asks of a pod. Raises ArgsError."""

    liveness_path: Annotated[str, http_path] = "/health/live"
    """HTTP path of the startup and liveness probes."""
    readiness_path: Annotated[str, http_path] = "/health/ready"
    """HTTP path of the readiness probe."""

    def __post_init__(self) -> None:
        require(self)


def probes(paths: Probes) -> dict[str, Any]:
    """Fields of a container."""
    return {
        # The others begin once it succeeds: a quick process is ready in a second, a slow one is not killed.
        "startupProbe": _probe(paths.liveness_path, period=1, failures=START_SECONDS),
        "livenessProbe": _probe(paths.liveness_path, period=30, failures=3),
        "readinessProbe": _probe(paths.readiness_path, period=10, failures=3),
    }


def _probe(path: str, *, period: int, failures: int) -> dict[str, Any]:
    """Waits 3 s for the answer: the sample's own checks take up to 2 s, and then say what is wrong."""
    return {
        "httpGet": {"path": path, "port": "http"},
        "periodSeconds": period,
        "timeoutSeconds": 3,
        "failureThreshold": failures,
    }
