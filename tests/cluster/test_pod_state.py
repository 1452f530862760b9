"""What pods are up to, as the API server tells it."""

from typing import Any

import pytest

from components.cluster.pod_state import has_crashed, is_leaving, is_ready
from tests.support.pods import BACK_OFF, KILLED, PANIC, READY, RUNNING, pod, status, waiting


def test_a_ready_pod() -> None:
    fine = pod(READY, ready=True)
    assert is_ready(fine)
    assert not is_leaving(fine)
    assert not has_crashed(fine)


@pytest.mark.parametrize(
    "more",
    [{"deleted": True}, {"phase": "Failed"}, {"phase": "Succeeded"}],
    ids=["deleted", "evicted", "done"],
)
def test_a_pod_that_leaves_takes_no_traffic_and_did_not_crash(more: dict[str, Any]) -> None:
    leaving = pod(status(KILLED), ready=True, **more)
    assert is_leaving(leaving)
    assert not is_ready(leaving)
    assert not has_crashed(leaving)


def test_a_pod_that_is_new_has_no_status_yet() -> None:
    new: dict[str, Any] = {"metadata": {"name": "shop-1"}, "status": {}}
    assert not is_ready(new)
    assert not is_leaving(new)
    assert not has_crashed(new)


CRASHED = {
    "has just ended": status(PANIC),
    "waits to be started again": status(BACK_OFF, PANIC, restartCount=1),
    "runs again": status({"running": {}}, PANIC, restartCount=1, ready=True),
    "ended well": status({"terminated": {"reason": "Completed", "exitCode": 0}}),
}


@pytest.mark.parametrize("case", CRASHED)
def test_a_container_that_ended_by_itself_crashed(case: str) -> None:
    assert has_crashed(pod(CRASHED[case]))
    assert has_crashed(pod(READY, CRASHED[case]))


@pytest.mark.parametrize("container", [RUNNING, waiting("ErrImagePull"), waiting("ContainerCreating")])
def test_a_container_that_is_not_ready_did_not_crash(container: dict[str, Any]) -> None:
    assert not has_crashed(pod(container))
