"""Where Prometheus reads the metrics of a pod: annotations, ports and monitors."""

from typing import Any

import pytest

from components import ArgsError
from components.kubernetes import Metrics, Owner, monitor
from components.kubernetes.metrics import metrics_ports, scrape_annotations

OWNER = Owner(name="shop", namespace="team")
PODS = {"matchLabels": {"app.kubernetes.io/name": "shop", "app.kubernetes.io/instance": "shop"}}


def test_pods_are_annotated_with_the_port_of_the_service_by_default() -> None:
    assert scrape_annotations(Metrics(), 8080) == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "8080",
        "prometheus.io/path": "/metrics",
    }
    assert metrics_ports(Metrics(), 8080) == []


def test_another_port_is_named_and_annotated() -> None:
    metrics = Metrics(port=9102, path="/internal/metrics")
    assert scrape_annotations(metrics, 8080) == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "9102",
        "prometheus.io/path": "/internal/metrics",
    }
    assert metrics_ports(metrics, 8080) == [{"name": "metrics", "containerPort": 9102, "protocol": "TCP"}]


def test_the_port_of_the_service_by_its_number_is_the_default() -> None:
    """A container that has one port twice is refused by newer API servers."""
    metrics = Metrics(port=8080)
    assert scrape_annotations(metrics, 8080) == scrape_annotations(Metrics(), 8080)
    assert metrics_ports(metrics, 8080) == []
    assert metrics.own_port(8080) == 0
    assert monitor(OWNER, Metrics(port=8080, monitor="PodMonitor"), 8080) == monitor(
        OWNER, Metrics(monitor="PodMonitor"), 8080
    )


@pytest.mark.parametrize("kind", ["PodMonitor", "ServiceMonitor"])
def test_a_monitor_is_instead_of_annotations_as_two_scrapes_count_twice(kind: Any) -> None:
    assert scrape_annotations(Metrics(monitor=kind), 8080) == {}
    assert scrape_annotations(Metrics(monitor=kind, port=9102), 8080) == {}


# The operator's own label `endpoint` would hide that of a library.
EVERY = {"interval": "15s", "relabelings": [{"action": "labeldrop", "regex": "endpoint"}]}
MONITORS: dict[str, tuple[Metrics, dict[str, Any]]] = {
    "pods": (
        Metrics(monitor="PodMonitor"),
        {"podMetricsEndpoints": [{"port": "http", "path": "/metrics", **EVERY}]},
    ),
    "pods, another port": (
        Metrics(monitor="PodMonitor", port=9102, path="/m"),
        {"podMetricsEndpoints": [{"port": "metrics", "path": "/m", **EVERY}]},
    ),
    "services": (
        Metrics(monitor="ServiceMonitor"),
        {"endpoints": [{"port": "http", "path": "/metrics", **EVERY}]},
    ),
    "services, another port": (
        Metrics(monitor="ServiceMonitor", port=9102, path="/m"),
        {"endpoints": [{"targetPort": "metrics", "path": "/m", **EVERY}]},
    ),
}


@pytest.mark.parametrize("case", MONITORS)
def test_a_monitor_finds_the_pods_of_both_tracks_by_the_labels_of_the_service(case: str) -> None:
    metrics, endpoints = MONITORS[case]
    found = monitor(OWNER, metrics, 8080)
    assert found == {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": metrics.monitor,
        "metadata": OWNER.unnamed,
        "spec": {"selector": PODS} | endpoints,
    }


def test_the_number_of_the_port_is_not_in_the_monitor() -> None:
    """Old pods are found by the name of the port, on the number that they have."""
    before, after = (monitor(OWNER, Metrics(monitor="PodMonitor", port=n), 8080) for n in (9102, 9103))
    assert before == after


@pytest.mark.parametrize("port", [1, 1023, 65536, -1])
def test_a_port_out_of_range_is_refused(port: int) -> None:
    with pytest.raises(ArgsError) as caught:
        Metrics(port=port)
    assert str(caught.value) == f"Metrics.port: {port} is out of range; use 1024-65535"


def test_a_path_is_a_path_alone() -> None:
    with pytest.raises(ArgsError) as caught:
        Metrics(path="/metrics?format=text")
    assert str(caught.value) == (
        'Metrics.path: "/metrics?format=text" has a query, which Prometheus would take for part of the path;'
        " leave it out"
    )
    with pytest.raises(ArgsError, match=r'^Metrics\.path: "metrics" is not an HTTP path;'):
        Metrics(path="metrics")


def test_another_kind_of_monitor_is_refused() -> None:
    kind: Any = "Probe"
    with pytest.raises(ArgsError) as caught:
        Metrics(monitor=kind)
    assert str(caught.value) == 'Metrics.monitor: "Probe" is unknown; use none, PodMonitor or ServiceMonitor'
