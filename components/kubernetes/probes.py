"""The probes of a container."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from ..shared import Between, http_path, require, when

Probe = Literal["http", "grpc", "tcp"]
_LIVENESS_PATH, _READINESS_PATH = "/health/live", "/health/ready"


@dataclass(frozen=True, kw_only=True)
class Probes:
    """What the kubelet asks of a pod, on the port of the service. Raises ArgsError."""

    probe: Probe = "http"
    """How the kubelet asks: `http` by GET, `grpc` by the gRPC health protocol, `tcp` by connecting alone."""
    liveness_path: Annotated[str, http_path] = _LIVENESS_PATH
    """HTTP path of the startup and liveness probes, which must not check what the service depends on."""
    readiness_path: Annotated[str, http_path] = _READINESS_PATH
    """HTTP path of the readiness probe."""
    readiness_service: str = ""
    """gRPC health service that the readiness probe asks for; startup and liveness ask for the server as a
    whole. Required with the probe grpc."""
    start_seconds: Annotated[int, Between(1, 3600, "s")] = 120
    """Time that a pod has to start, asked each second; then it is restarted. A release waits for
    `rollout.timeoutSeconds` at most."""
    liveness_period_seconds: Annotated[int, Between(1, 600, "s")] = 30
    """Time from one liveness probe to the next."""
    liveness_failures: Annotated[int, Between(1, 100)] = 3
    """Number of failed liveness probes in a row after which a pod is restarted."""
    liveness_timeout_seconds: Annotated[int, Between(1, 60, "s")] = 3
    """Maximum time of an answer to the startup and liveness probes; at most the period of liveness."""
    readiness_period_seconds: Annotated[int, Between(1, 600, "s")] = 10
    """Time from one readiness probe to the next."""
    readiness_failures: Annotated[int, Between(1, 100)] = 3
    """Number of failed readiness probes in a row after which a pod gets no requests."""
    readiness_timeout_seconds: Annotated[int, Between(1, 60, "s")] = 3
    """Maximum time of an answer to the readiness probe; at most its period."""

    def __post_init__(self) -> None:
        stray = f"needs the probe http, not {self.probe}; set service.probe, or leave the path out"
        no_service = (
            "is empty; name the gRPC health service that says whether a pod can serve, such as readiness: "
            "liveness asks for the server as a whole, and would restart pods whose database is away"
        )
        stray_service = f"needs the probe grpc, not {self.probe}; set service.probe, or leave it out"
        http, grpc = self.probe == "http", self.probe == "grpc"
        require(
            self,
            ("liveness_path", when(not http and self.liveness_path != _LIVENESS_PATH, stray), "probe"),
            ("readiness_path", when(not http and self.readiness_path != _READINESS_PATH, stray), "probe"),
            ("readiness_service", when(grpc and not self.readiness_service, no_service), "probe"),
            ("readiness_service", when(not grpc and bool(self.readiness_service), stray_service), "probe"),
            *(
                (f"{kind}_timeout_seconds", _too_long(seconds, period), f"{kind}_period_seconds")
                for kind, seconds, period in (
                    ("liveness", self.liveness_timeout_seconds, self.liveness_period_seconds),
                    ("readiness", self.readiness_timeout_seconds, self.readiness_period_seconds),
                )
            ),
        )


def probes(settings: Probes, port: int) -> dict[str, Any]:
    """Fields of a container that listens on a port, named http."""
    alive = _action(settings, settings.liveness_path, "", port)
    serves = _action(settings, settings.readiness_path, settings.readiness_service, port)
    return {
        # The others begin once it succeeds: a quick process is ready in a second, a slow one is not killed.
        # It asks what liveness asks, so that a pod waits for its database without being restarted.
        "startupProbe": alive | _times(1, settings.liveness_timeout_seconds, settings.start_seconds),
        "livenessProbe": alive
        | _times(
            settings.liveness_period_seconds, settings.liveness_timeout_seconds, settings.liveness_failures
        ),
        "readinessProbe": serves
        | _times(
            settings.readiness_period_seconds, settings.readiness_timeout_seconds, settings.readiness_failures
        ),
    }


def _action(settings: Probes, path: str, service: str, port: int) -> dict[str, Any]:
    match settings.probe:
        case "http":
            return {"httpGet": {"path": path, "port": "http"}}
        case "grpc":
            # The API takes no name of a port here.
            return {"grpc": {"port": port} | ({"service": service} if service else {})}
        case "tcp":
            return {"tcpSocket": {"port": "http"}}


def _times(period: int, timeout: int, failures: int) -> dict[str, int]:
    """3 s for an answer by default: the sample's own checks take up to 2 s, and then say what is wrong."""
    return {"periodSeconds": period, "timeoutSeconds": timeout, "failureThreshold": failures}


def _too_long(timeout: int, period: int) -> str | None:
    return when(
        timeout > period, f"{timeout} is above its period of {period} s; lower it or raise the period"
    )
