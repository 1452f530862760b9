"""Where pods are scraped, and the PodMonitor or ServiceMonitor that asks Prometheus's operator to do so."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from ..shared import Between, http_path, require, selector, when
from .metadata import Manifest, Owner

Monitor = Literal["none", "PodMonitor", "ServiceMonitor"]
_PORTS = Between(1024, 65535)
_INTERVAL = "15s"  # a sample of a trial needs two scrapes, and is 30 s by default


def _path(text: str) -> str | None:
    query = f'"{text}" has a query, which Prometheus would take for part of the path; leave it out'
    return http_path(text) or when("?" in text or "#" in text, query)


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Where and how Prometheus reads the metrics of a pod. Raises ArgsError."""

    port: int = 0
    """TCP port that metrics are served on, 1024-65535; 0 is the port of the service."""
    path: Annotated[str, _path] = "/metrics"
    """HTTP path of the metrics."""
    monitor: Monitor = "none"
    """Kind of the object that has Prometheus's operator scrape the pods; `none` annotates the pods instead
    (`prometheus.io/scrape`)."""

    def __post_init__(self) -> None:
        require(self, ("port", _PORTS(self.port) if self.port else None))

    def own_port(self, service_port: int) -> int:
        """Port that serves metrics alone; 0 if they are on the port of the service."""
        return self.port if self.port != service_port else 0


def scrape_annotations(metrics: Metrics, service_port: int) -> dict[str, str]:
    """Annotations of a pod; none beside a monitor, as two scrapes would count each request twice."""
    if metrics.monitor != "none":
        return {}
    return {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": str(metrics.own_port(service_port) or service_port),
        "prometheus.io/path": metrics.path,
    }


def metrics_ports(metrics: Metrics, service_port: int) -> list[dict[str, Any]]:
    """Ports of a container besides that of the service."""
    port = metrics.own_port(service_port)
    return [{"name": "metrics", "containerPort": port, "protocol": "TCP"}] if port else []


def monitor(owner: Owner, metrics: Metrics, service_port: int) -> Manifest:
    """An object of the kind that is set. Without a name: old pods are scraped as before until they go."""
    # The operator calls the port `endpoint`, which some libraries call the path: it would hide theirs.
    no_endpoint = {"action": "labeldrop", "regex": "endpoint"}
    found = {"path": metrics.path, "interval": _INTERVAL, "relabelings": [no_endpoint]}
    own = bool(metrics.own_port(service_port))
    pods = {"selector": {"matchLabels": selector(owner.name)}}
    if metrics.monitor == "PodMonitor":
        spec = pods | {"podMetricsEndpoints": [{"port": "metrics" if own else "http"} | found]}
    else:
        # A port of the pods that the Service does not have: a Service of type LoadBalancer would publish it.
        port = {"targetPort": "metrics"} if own else {"port": "http"}
        spec = pods | {"endpoints": [port | found]}
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": metrics.monitor,
        "metadata": owner.unnamed,
        "spec": spec,
    }
