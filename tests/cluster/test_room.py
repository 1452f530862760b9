"""How many pods a track needs to take over the load of another one."""

from typing import Any

import pytest

from components.cluster.room import room_needed


def resource(name: str, target: int) -> dict[str, Any]:
    wanted = {"type": "Utilization", "averageUtilization": target}
    return {"type": "Resource", "resource": {"name": name, "target": wanted}}


def measured(name: str, use: int) -> dict[str, Any]:
    return {"type": "Resource", "resource": {"name": name, "current": {"averageUtilization": use}}}


def scaler(*current: dict[str, Any], most: int = 20) -> dict[str, Any]:
    """Aims at 60 % of CPU and 70 % of memory."""
    metrics = [resource("cpu", 60), resource("memory", 70)]
    return {"spec": {"maxReplicas": most, "metrics": metrics}, "status": {"currentMetrics": list(current)}}


IDLE = measured("memory", 7)


@pytest.mark.parametrize(
    ("cpu", "pods"),
    [(60, 6), (90, 9), (61, 7), (40, 4), (10, 3), (0, 3)],
    ids=["as aimed at", "busy", "rounded up", "less", "not below what there is", "idle"],
)
def test_by_the_use_of_all_pods(cpu: int, pods: int) -> None:
    assert room_needed(scaler(measured("cpu", cpu), IDLE), now=3, ready=3, leaving=3) == pods


def test_the_busiest_resource_counts() -> None:
    assert room_needed(scaler(measured("cpu", 6), measured("memory", 105)), now=3, ready=3, leaving=3) == 9


def test_what_is_not_measured_counts_as_used_as_aimed_at() -> None:
    assert room_needed(scaler(), now=3, ready=3, leaving=2) == 5
    assert room_needed(scaler(measured("cpu", 6)), now=3, ready=3, leaving=2) == 5
    assert room_needed({"spec": {"maxReplicas": 20}}, now=3, ready=3, leaving=2) == 5


def test_a_metric_of_another_kind_counts_as_used_as_aimed_at() -> None:
    other = scaler(measured("cpu", 6), IDLE)
    other["spec"]["metrics"].append({"type": "External", "external": {"metric": {"name": "queue"}}})
    assert room_needed(other, now=3, ready=3, leaving=2) == 5


def test_not_above_the_maximum_and_not_below_what_there_is() -> None:
    busy = scaler(measured("cpu", 120), IDLE, most=8)
    assert room_needed(busy, now=3, ready=3, leaving=3) == 8
    assert room_needed(busy, now=9, ready=9, leaving=3) == 9, "somebody else wanted more"
