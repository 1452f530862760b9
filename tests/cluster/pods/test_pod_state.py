"""What pods are up to, as the API server tells it."""

from typing import Any

import pytest

from components.cluster.pods.pod_state import (
    has_crashed,
    has_finished,
    is_leaving,
    is_ready,
    restarted_sidecars,
)
from tests.support.pods import BACK_OFF, KILLED, PANIC, READY, RUNNING, pod, status, waiting


def test_a_ready_pod() -> None:
    fine = pod(READY, ready=True)
    assert is_ready(fine)
    assert not is_leaving(fine)
    assert not has_crashed(fine, "shop")


@pytest.mark.parametrize(
    "more",
    [{"deleted": True}, {"phase": "Failed"}, {"phase": "Succeeded"}],
    ids=["deleted", "evicted", "done"],
)
def test_a_pod_that_leaves_takes_no_traffic_and_did_not_crash(more: dict[str, Any]) -> None:
    leaving = pod(status(KILLED), ready=True, **more)
    assert is_leaving(leaving)
    assert not is_ready(leaving)
    assert not has_crashed(leaving, "shop")


def test_a_pod_that_is_new_has_no_status_yet() -> None:
    new: dict[str, Any] = {"metadata": {"name": "shop-1"}, "status": {}}
    assert not is_ready(new)
    assert not is_leaving(new)
    assert not has_crashed(new, "shop")


CRASHED = {
    "has just ended": status(PANIC),
    "waits to be started again": status(BACK_OFF, PANIC, restartCount=1),
    "runs again": status({"running": {}}, PANIC, restartCount=1, ready=True),
    "ended well": status({"terminated": {"reason": "Completed", "exitCode": 0}}),
}


@pytest.mark.parametrize("case", CRASHED)
def test_a_container_that_ended_by_itself_crashed(case: str) -> None:
    assert has_crashed(pod(CRASHED[case]), "shop")
    assert has_crashed(pod(READY, CRASHED[case]), "shop")


@pytest.mark.parametrize("container", [RUNNING, waiting("ErrImagePull"), waiting("ContainerCreating")])
def test_a_container_that_is_not_ready_did_not_crash(container: dict[str, Any]) -> None:
    assert not has_crashed(pod(container), "shop")


LOST = {
    "after a reboot": ("Unknown", 255),
    "and what became of it is not known": ("ContainerStatusUnknown", 137),
}


@pytest.mark.parametrize("case", LOST)
def test_a_container_that_ended_with_its_node_did_not_crash(case: str) -> None:
    reason, code = LOST[case]
    ended = {"terminated": {"reason": reason, "exitCode": code}}
    assert not has_crashed(pod(status({"running": {}}, ended, restartCount=1)), "shop")
    assert not has_crashed(pod(status(ended)), "shop")


def test_a_crash_after_a_reboot_is_one() -> None:
    assert has_crashed(pod(status({"running": {}}, PANIC, restartCount=2)), "shop")


@pytest.mark.parametrize("reason", ["NodeShutdown", "Terminated", "NodeLost"])
def test_a_pod_whose_node_has_gone_did_not_crash(reason: str) -> None:
    gone = pod(status(KILLED))
    gone["status"]["reason"] = reason
    assert not has_crashed(gone, "shop")


def test_exit_code_255_alone_is_the_process_s_own() -> None:
    assert has_crashed(pod(status({"terminated": {"reason": "Error", "exitCode": 255}})), "shop")


def test_only_the_named_container_counts_and_the_others_are_sidecars() -> None:
    sidecar = status({"running": {}}, PANIC, restartCount=1) | {"name": "proxy"}
    both = pod(sidecar, READY)
    assert not has_crashed(both, "shop")
    assert has_crashed(both, "proxy")
    assert restarted_sidecars(both, "shop") == ["proxy"]
    assert restarted_sidecars(both, "proxy") == []


def test_sidecars_of_kubernetes_own_kind_are_init_containers_that_stay() -> None:
    found = pod(READY)
    found["spec"]["initContainers"] = [{"name": "proxy", "restartPolicy": "Always"}, {"name": "migrate"}]
    found["status"]["initContainerStatuses"] = [
        status({"running": {}}, PANIC, restartCount=1) | {"name": "proxy"},
        status({"terminated": {"reason": "Completed", "exitCode": 0}}) | {"name": "migrate"},
    ]
    assert restarted_sidecars(found, "shop") == ["proxy"]


def test_a_pod_that_has_finished_stays_one_that_is_deleted_does_not() -> None:
    assert has_finished(pod(phase="Failed"))
    assert not has_finished(pod(READY, deleted=True))
    assert restarted_sidecars(pod(status(PANIC) | {"name": "proxy"}, phase="Failed"), "shop") == []
