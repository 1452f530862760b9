"""What pods are up to, as the API server tells it."""

from typing import Any

import pytest

from components.pod_state import crashes, is_leaving, is_ready, why_not_ready


def pod(
    *statuses: dict[str, Any], ready: bool = False, conditions: tuple[dict[str, Any], ...] = (), **more: Any
) -> dict[str, Any]:
    """A running pod with containers of these statuses; `deleted` or `phase` make it another."""
    metadata = {"name": "shop-1"} | (
        {"deletionTimestamp": "2026-01-01T00:00:00Z"} if more.get("deleted") else {}
    )
    known = [{"type": "Ready", "status": str(ready)}, *conditions]
    status: dict[str, Any] = {"phase": more.get("phase", "Running"), "conditions": known}
    return {
        "metadata": metadata,
        "status": status | ({"containerStatuses": list(statuses)} if statuses else {}),
    }


def container(state: dict[str, Any], last: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"state": state, "lastState": last or {}, "restartCount": 0, "ready": False} | more


RUNNING = container({"running": {}})
READY = container({"running": {}}, ready=True)
PANIC = {"terminated": {"reason": "Error", "exitCode": 2}}
KILLED = {"terminated": {"reason": "OOMKilled", "exitCode": 137}}
BACK_OFF = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting"}}


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return container({"waiting": {"reason": reason} | ({"message": message} if message else {})})


def test_a_ready_pod() -> None:
    fine = pod(READY, ready=True)
    assert is_ready(fine)
    assert not is_leaving(fine)
    assert crashes([fine]) == []
    assert why_not_ready([fine]) == ""


@pytest.mark.parametrize(
    "more",
    [{"deleted": True}, {"phase": "Failed"}, {"phase": "Succeeded"}],
    ids=["deleted", "evicted", "done"],
)
def test_a_pod_that_leaves_takes_no_traffic_and_did_not_crash(more: dict[str, Any]) -> None:
    leaving = pod(container(KILLED), ready=True, **more)
    assert is_leaving(leaving)
    assert not is_ready(leaving)
    assert crashes([leaving]) == []
    assert why_not_ready([leaving]) == ""


def test_a_pod_that_is_new_has_no_status_yet() -> None:
    new: dict[str, Any] = {"metadata": {"name": "shop-1"}, "status": {}}
    assert not is_ready(new)
    assert not is_leaving(new)
    assert crashes([new]) == []
    assert why_not_ready([new]) == "not started yet"


CRASHES = {
    "has just ended": (container(PANIC), "Error, exit code 2"),
    "waits to be started again": (container(BACK_OFF, PANIC, restartCount=1), "Error, exit code 2"),
    "runs again": (container({"running": {}}, PANIC, restartCount=1, ready=True), "Error, exit code 2"),
    "many times": (container(BACK_OFF, PANIC, restartCount=4), "Error, exit code 2, restarted 4 times"),
    "out of memory": (container(KILLED), "OOMKilled, exit code 137"),
    "ended well": (
        container({"terminated": {"reason": "Completed", "exitCode": 0}}),
        "Completed, exit code 0",
    ),
    "without a reason": (container({"terminated": {"exitCode": 1}}), "Error, exit code 1"),
}


@pytest.mark.parametrize("case", CRASHES)
def test_a_container_that_ended_by_itself_crashed(case: str) -> None:
    status, how = CRASHES[case]
    assert crashes([pod(status)]) == [f"shop-1 crashed: {how}"]
    assert why_not_ready([pod(status)]) == f"crashed: {how}"


def test_each_container_that_crashed_is_told() -> None:
    assert len(crashes([pod(container(PANIC), READY), pod(READY, ready=True), pod(container(KILLED))])) == 2


REASONS = {
    "no image": (
        waiting("ImagePullBackOff", "Back-off pulling image"),
        "the image cannot be pulled: ImagePullBackOff (Back-off pulling image)",
    ),
    "a wrong image": (waiting("ErrImagePull"), "the image cannot be pulled: ErrImagePull"),
    "no secret": (
        waiting("CreateContainerConfigError", 'secret "shop" not found'),
        'CreateContainerConfigError (secret "shop" not found)',
    ),
    "being made": (waiting("ContainerCreating"), "ContainerCreating"),
    "a probe": (RUNNING, "runs, but its readiness probe does not succeed"),
}


@pytest.mark.parametrize("case", REASONS)
def test_why_a_pod_is_not_ready(case: str) -> None:
    status, reason = REASONS[case]
    assert why_not_ready([pod(status)]) == reason
    assert crashes([pod(status)]) == []


def test_a_pod_that_fits_nowhere() -> None:
    message = "0/1 nodes are available: 1 Insufficient cpu."
    full = pod(conditions=({"type": "PodScheduled", "status": "False", "message": message},))
    assert why_not_ready([full]) == f"not scheduled: {message}"
    bare = pod(conditions=({"type": "PodScheduled", "status": "False"},))
    assert why_not_ready([bare]) == "not scheduled: no reason given"


def test_a_reason_that_several_pods_have_is_told_once() -> None:
    pods = [pod(RUNNING), pod(READY, ready=True), pod(RUNNING), pod(waiting("ErrImagePull"))]
    assert why_not_ready(pods) == (
        "runs, but its readiness probe does not succeed; the image cannot be pulled: ErrImagePull"
    )
