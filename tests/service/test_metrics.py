"""Metrics of a service: what rolls its pods, and what old pods keep meanwhile."""

from typing import Literal

import pytest

from components.kubernetes import Metrics
from tests.service.registered import ALWAYS, CANARY, container, made, objects, pod
from tests.support.recording import Recording

HTTP = {"name": "http", "containerPort": 8080, "protocol": "TCP"}


def allowed(recording: Recording) -> list[str]:
    (rule,) = recording["shop-network"].inputs["spec"]["ingress"]
    return [port["port"] for port in rule["ports"]]


def test_metrics_on_the_port_of_the_service_change_nothing() -> None:
    plain, same = made(), made(metrics=Metrics(port=8080))
    assert pod(plain) == pod(same)
    assert container(plain)["ports"] == [HTTP]
    assert allowed(plain) == allowed(same) == ["http"]


def test_another_port_is_open_to_those_who_may_reach_the_service() -> None:
    recording = made(metrics=Metrics(port=9102))
    assert container(recording)["ports"] == [
        HTTP,
        {"name": "metrics", "containerPort": 9102, "protocol": "TCP"},
    ]
    assert allowed(recording) == ["http", "metrics"], "by name: pods without it lose nothing"


@pytest.mark.parametrize(
    "metrics", [Metrics(), Metrics(port=9102), Metrics(monitor="ServiceMonitor", port=9102)], ids=str
)
def test_the_service_never_has_the_port_of_metrics(metrics: Metrics) -> None:
    """One of type LoadBalancer would show them to everybody."""
    (port,) = made(metrics=metrics)["shop-service"].inputs["spec"]["ports"]
    assert port["targetPort"] == "http"


@pytest.mark.parametrize("kind", ["PodMonitor", "ServiceMonitor"])
def test_a_monitor_is_there_before_the_pods_and_replaced_with_them(
    kind: Literal["PodMonitor", "ServiceMonitor"],
) -> None:
    recording = made(metrics=Metrics(monitor=kind), strategy=CANARY)
    monitor = recording["shop-monitor"]
    assert monitor.type == f"kubernetes:monitoring.coreos.com/v1:{kind}"
    assert "name" not in monitor.inputs["metadata"], "old pods keep theirs"
    assert monitor.replace_on_changes == ("spec",)
    assert monitor.hooks["before_create"] == ["shop-ownership", "shop-monitor-kind"]
    assert recording["shop-namespace"].urn in monitor.dependencies
    canary = next(r for r in recording.resources if r.urn == recording["shop-canary"].parent)
    for track in (recording["shop-deployment"], canary):
        assert monitor.urn in track.dependencies, "a trial is measured by it"
    assert not [key for key in pod(recording)["metadata"]["annotations"] if key.startswith("prometheus.io/")]


def test_there_is_no_monitor_unless_it_is_asked_for() -> None:
    assert objects(made()) == ALWAYS


@pytest.mark.parametrize(
    "metrics", [Metrics(port=9102), Metrics(path="/m"), Metrics(monitor="PodMonitor")], ids=str
)
def test_a_change_is_a_new_trial_as_the_shape_of_pods_has_it(metrics: Metrics) -> None:
    before, after = made(strategy=CANARY), made(strategy=CANARY, metrics=metrics)
    triggers = [recording["shop-gate"].inputs["triggers"] for recording in (before, after)]
    assert triggers[0] != triggers[1]
    assert before["shop-service"].inputs == after["shop-service"].inputs
