"""How many requests the kubelet makes by itself."""

from typing import Any

import pytest

from components.cluster import probe_requests

GET = {"path": "/", "port": 8080}


def probe(period: int = 0) -> dict[str, Any]:
    return {"httpGet": GET} | ({"periodSeconds": period} if period else {})


@pytest.mark.parametrize(
    ("container", "count"),
    [
        ({"livenessProbe": probe(30), "readinessProbe": probe(10)}, 4.0),
        ({"readinessProbe": probe()}, 3.0),
        ({"livenessProbe": probe(7)}, 5.0),
        ({"livenessProbe": {"tcpSocket": {"port": 8080}}, "readinessProbe": {"grpc": {"port": 8080}}}, 0.0),
        ({"startupProbe": probe(1)}, 0.0),
        ({}, 0.0),
    ],
    ids=["both", "the default period", "rounded up", "no HTTP", "the startup is over", "none"],
)
def test_probes_within_thirty_seconds(container: dict[str, Any], count: float) -> None:
    assert probe_requests(container, 30) == count


def test_each_probe_is_rounded_up_by_itself() -> None:
    assert probe_requests({"livenessProbe": probe(30), "readinessProbe": probe(10)}, 31) == 6.0
