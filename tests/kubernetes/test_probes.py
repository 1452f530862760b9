"""The probes of a container: how each kind asks, and how often."""

from typing import Any

import pytest

from components import ArgsError
from components.kubernetes import Probes
from components.kubernetes.probes import probes

TIMES = {"periodSeconds", "timeoutSeconds", "failureThreshold"}
KINDS: dict[str, tuple[Probes, dict[str, Any], dict[str, Any]]] = {
    "http": (
        Probes(liveness_path="/live", readiness_path="/ready"),
        {"httpGet": {"path": "/live", "port": "http"}},
        {"httpGet": {"path": "/ready", "port": "http"}},
    ),
    "grpc": (
        Probes(probe="grpc", readiness_service="shop.v1.Shop"),
        {"grpc": {"port": 9090}},
        {"grpc": {"port": 9090, "service": "shop.v1.Shop"}},
    ),
    "tcp": (Probes(probe="tcp"), {"tcpSocket": {"port": "http"}}, {"tcpSocket": {"port": "http"}}),
}


def actions(probe: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in probe.items() if key not in TIMES}


def times(probe: dict[str, Any]) -> tuple[int, int, int]:
    return probe["periodSeconds"], probe["timeoutSeconds"], probe["failureThreshold"]


@pytest.mark.parametrize("kind", KINDS)
def test_startup_asks_what_liveness_asks_so_that_a_pod_may_wait_for_its_database(kind: str) -> None:
    settings, alive, serves = KINDS[kind]
    found = probes(settings, 9090)
    assert actions(found["startupProbe"]) == actions(found["livenessProbe"]) == alive
    assert actions(found["readinessProbe"]) == serves


@pytest.mark.parametrize("kind", KINDS)
def test_the_times_of_steady_state_are_those_of_the_source_whatever_the_kind(kind: str) -> None:
    found = probes(KINDS[kind][0], 9090)
    assert times(found["startupProbe"]) == (1, 3, 120)
    assert times(found["livenessProbe"]) == (30, 3, 3)
    assert times(found["readinessProbe"]) == (10, 3, 3)


def test_every_time_is_a_setting() -> None:
    settings = Probes(
        start_seconds=40,
        liveness_period_seconds=20,
        liveness_failures=4,
        liveness_timeout_seconds=5,
        readiness_period_seconds=6,
        readiness_failures=2,
        readiness_timeout_seconds=1,
    )
    found = probes(settings, 9090)
    assert times(found["startupProbe"]) == (1, 5, 40)
    assert times(found["livenessProbe"]) == (20, 5, 4)
    assert times(found["readinessProbe"]) == (6, 1, 2)


REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "paths of a connection": (
        {"probe": "tcp", "liveness_path": "/live", "readiness_path": "/ready"},
        [
            "Probes.liveness_path: needs the probe http, not tcp; set service.probe, or leave the path out",
            "Probes.readiness_path: needs the probe http, not tcp; set service.probe, or leave the path out",
        ],
    ),
    "a path of gRPC": (
        {"probe": "grpc", "readiness_service": "readiness", "readiness_path": "/ready"},
        ["Probes.readiness_path: needs the probe http, not grpc; set service.probe, or leave the path out"],
    ),
    "gRPC without a service": (
        {"probe": "grpc"},
        [
            "Probes.readiness_service: is empty; name the gRPC health service that says whether a pod can "
            "serve, such as readiness: liveness asks for the server as a whole, and would restart pods whose "
            "database is away"
        ],
    ),
    "a service of HTTP": (
        {"readiness_service": "readiness"},
        ["Probes.readiness_service: needs the probe grpc, not http; set service.probe, or leave it out"],
    ),
    "answers that may take longer than a period": (
        {
            "liveness_period_seconds": 2,
            "readiness_period_seconds": 5,
            "readiness_timeout_seconds": 6,
        },
        [
            "Probes.liveness_timeout_seconds: 3 is above its period of 2 s; lower it or raise the period",
            "Probes.readiness_timeout_seconds: 6 is above its period of 5 s; lower it or raise the period",
        ],
    ),
    "another kind": ({"probe": "exec"}, ['Probes.probe: "exec" is unknown; use http, grpc or tcp']),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_together_is_refused(case: str) -> None:
    values, expected = REFUSED[case]
    with pytest.raises(ArgsError) as caught:
        Probes(**values)
    assert [line for line in str(caught.value).splitlines() if line in expected] == expected


def test_an_answer_may_take_the_whole_period() -> None:
    assert Probes(liveness_period_seconds=3, readiness_period_seconds=3).liveness_timeout_seconds == 3
