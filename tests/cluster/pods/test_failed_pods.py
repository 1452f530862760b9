"""Why pods did not come up: one reason, one line, in the cluster's words."""

from typing import Any

import pytest

from components.cluster.pods.failed_pods import Reason, reasons, refusal
from tests.support.pods import (
    BACK_OFF,
    IMAGE,
    KILLED,
    PANIC,
    READINESS,
    READY,
    RUNNING,
    container,
    event,
    pod,
    status,
    waiting,
)

NOTHING: dict[str, Any] = {}
UNHEALTHY = "Readiness probe failed: HTTP probe failed with statuscode: 503"
FULL = "0/1 nodes are available: 1 Insufficient cpu."


def texts(*pods: dict[str, Any], events: tuple[dict[str, Any], ...] = ()) -> list[str]:
    return [reason.text for reason in reasons(NOTHING, pods, events)]


STATUSES: dict[str, tuple[dict[str, Any], str]] = {
    "crashed": (status(PANIC), "crashed: Error, exit code 2"),
    "waits to be started again": (status(BACK_OFF, PANIC, restartCount=3), "crashed: Error, exit code 2"),
    "runs again": (status({"running": {}}, PANIC, restartCount=1), "crashed: Error, exit code 2"),
    "ended well": (
        status({"terminated": {"reason": "Completed", "exitCode": 0}}),
        "crashed: Completed, exit code 0",
    ),
    "without a reason": (status({"terminated": {"exitCode": 1}}), "crashed: Error, exit code 1"),
    "out of memory": (status(KILLED), "crashed: OOMKilled, exit code 137, memory limit 256Mi"),
    "no such program": (
        status({"terminated": {"reason": "StartError", "exitCode": 128, "message": "exec: no such file\n"}}),
        "crashed: StartError, exit code 128: exec: no such file",
    ),
    "no secret": (
        waiting("CreateContainerConfigError", 'secret "shop" not found'),
        'container not started: CreateContainerConfigError: secret "shop" not found',
    ),
    "no image, no more": (
        waiting("ImagePullBackOff", f'Back-off pulling image "{IMAGE}"'),
        f"image {IMAGE} cannot be pulled: ImagePullBackOff",
    ),
    "no image, and why": (
        waiting("ImagePullBackOff", f'Back-off pulling image "{IMAGE}": ErrImagePull: not found'),
        f"image {IMAGE} cannot be pulled: not found",
    ),
    "a wrong name": (
        waiting("InvalidImageName", 'couldn\'t parse image name "B": invalid reference format'),
        f'image {IMAGE} cannot be pulled: couldn\'t parse image name "B": invalid reference format',
    ),
    "being made": (waiting("ContainerCreating"), "not started yet"),
    "not ready": (RUNNING, f"{READINESS} has not succeeded yet"),
}


@pytest.mark.parametrize("case", STATUSES)
def test_why_a_pod_is_not_ready_by_its_status(case: str) -> None:
    given, text = STATUSES[case]
    assert texts(pod(given)) == [text]


def test_of_a_pod_that_is_ready_there_is_nothing_to_say() -> None:
    assert texts(pod(READY, ready=True)) == []


@pytest.mark.parametrize("more", [{"deleted": True}, {"phase": "Failed"}])
def test_of_a_pod_that_leaves_there_is_nothing_to_say(more: dict[str, Any]) -> None:
    assert texts(pod(status(PANIC), **more)) == []


def test_without_any_pod() -> None:
    assert texts() == ["no pod has been made yet"]


def test_a_pod_that_fits_nowhere() -> None:
    full = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    assert texts(pod(conditions=(full | {"message": FULL},))) == [f"not scheduled: {FULL}"]
    assert texts(pod(conditions=(full,))) == ["not scheduled: Unschedulable"]


def test_a_pod_that_is_new() -> None:
    scheduled = {"type": "PodScheduled", "status": "True"}
    assert texts(pod()) == texts(pod(conditions=(scheduled,))) == ["not started yet"]


def test_what_the_events_warn_of_keeps_a_pod_from_starting() -> None:
    events = (
        event("Successfully assigned", kind="Normal", at=9),
        event("failed to set up sandbox", at=2),
        event("older", at=1),
        event("of another", pod="shop-2", at=8),
    )
    assert texts(pod(waiting("ContainerCreating")), events=events) == [
        "not started yet: failed to set up sandbox"
    ]


STEPS = f'failed to pull and unpack image "{IMAGE}": failed to resolve reference "{IMAGE}": '
REQUEST = (
    'failed to do request: Head "http://registry/v2/": dial tcp 10.0.0.1:443: connect: connection refused'
)
CAUSES = {
    f"{STEPS}{IMAGE}: not found": "not found",
    f"rpc error: code = NotFound desc = {STEPS}{IMAGE}: not found": "not found",
    f"{STEPS}{REQUEST}": REQUEST,
    f'failed to pull and unpack image "docker.io/{IMAGE}": no space left': "no space left",
    "no space left": "no space left",
}


@pytest.mark.parametrize("said", CAUSES)
def test_the_event_says_why_the_image_cannot_be_pulled(said: str) -> None:
    events = (
        event("Error: ImagePullBackOff", at=3),
        event(f'Failed to pull image "{IMAGE}": {said}', at=1),
    )
    expected = [f"image {IMAGE} cannot be pulled: {CAUSES[said]}"]
    assert texts(pod(waiting("ImagePullBackOff", "Back-off")), events=events) == expected
    backing_off = waiting("ImagePullBackOff", f'Back-off pulling image "{IMAGE}": ErrImagePull: {said}')
    assert texts(pod(backing_off)) == expected


REFUSALS = {
    "quota": 'pods "shop-7f-x" is forbidden: exceeded quota: tight, requested: pods=1, used: pods=2',
    "admission": 'admission webhook "images.acme.com" denied the request: unsigned image',
}


@pytest.mark.parametrize("message", REFUSALS.values(), ids=REFUSALS)
def test_pods_that_the_cluster_refuses(message: str) -> None:
    conditions = [
        {"type": "Progressing", "status": "False", "message": "deadline"},
        {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message},
    ]
    found = reasons({"status": {"conditions": conditions}}, [])
    assert found == [Reason(text=f"no pod can be made: {message}")]
    conditions[1]["status"] = "False"
    assert reasons({"status": {"conditions": conditions}}, [pod(READY, ready=True)]) == []


def test_a_deployment_that_somebody_paused_makes_no_pods() -> None:
    (found,) = reasons({"spec": {"paused": True}, "status": {}}, [])
    assert found.text == "no pod is made while the Deployment is paused; resume its rollout"


def test_a_reason_of_several_pods_is_said_once_and_that_of_most_first() -> None:
    crashing = [pod(status(BACK_OFF, PANIC, restartCount=count), name=f"shop-{count}") for count in (2, 4, 3)]
    found = reasons(NOTHING, [pod(RUNNING, name="slow"), *crashing, pod(READY, ready=True)])
    assert [(reason.text, reason.pods, reason.restarts) for reason in found] == [
        ("crashed: Error, exit code 2", ("shop-2", "shop-4", "shop-3"), 4),
        (f"{READINESS} has not succeeded yet", ("slow",), 0),
    ]


def test_probes_that_fail_alike_are_one_reason_whatever_the_addresses() -> None:
    pods = [pod(RUNNING, name=f"shop-{number}") for number in (1, 2)]
    refused = 'Readiness probe failed: Get "http://10.0.0.{0}:8080/health/ready": dial tcp 10.0.0.{0}:8080: '
    events = [
        event(refused.format(number) + "connect: connection refused", pod=f"shop-{number}")
        for number in (1, 2)
    ]
    (found,) = reasons(NOTHING, pods, events)
    assert found.text == f"{READINESS} failed: connection refused"
    assert found.pods == ("shop-1", "shop-2")


@pytest.mark.parametrize(
    ("given", "previous"),
    [
        (status(PANIC), False),
        (status(PANIC, KILLED, restartCount=1), False),
        (status(BACK_OFF, PANIC, restartCount=1), True),
        (status({"running": {}}, PANIC, restartCount=1), True),
        (RUNNING, False),
    ],
)
def test_where_the_log_is(given: dict[str, Any], previous: bool) -> None:
    (found,) = reasons(NOTHING, [pod(given)])
    assert (found.container, found.log_is_previous) == ("shop", previous)


@pytest.mark.parametrize("given", [waiting("ErrImagePull"), waiting("ContainerCreating")])
def test_what_has_not_started_has_no_log(given: dict[str, Any]) -> None:
    (found,) = reasons(NOTHING, [pod(given)])
    assert found.container == ""


def test_a_container_that_its_probe_had_killed_did_not_crash() -> None:
    killed = status({"running": {}}, {"terminated": {"reason": "Error", "exitCode": 2}}, restartCount=2)
    events = [
        event("Container shop failed liveness probe, will be restarted", kind="Normal", at=3),
        event("Liveness probe failed: HTTP probe failed with statuscode: 500", at=3),
        event(UNHEALTHY, at=9),
    ]
    (found,) = reasons(NOTHING, [pod(killed)], events)
    assert found.text == "killed by the kubelet: liveness probe GET /health/live on port 8080 answered 500"
    assert found.restarts == 2
    assert found.log_is_previous


def test_events_without_a_message_say_nothing() -> None:
    nothing = event("") | {"message": None}
    assert texts(pod(RUNNING), events=(nothing,)) == [f"{READINESS} has not succeeded yet"]


def test_each_container_has_its_reason() -> None:
    two = pod(status(PANIC), status({"running": {}}, name="proxy"))
    two["spec"]["containers"].append(container(name="proxy"))
    assert len(texts(two)) == 2


def beside(name: str, own: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """A pod of the service's container and a sidecar."""
    found = pod(own, other | {"name": name})
    found["spec"]["containers"].append(container(name=name))
    return found


def test_beside_a_sidecar_the_container_that_crashed_is_named() -> None:
    assert texts(beside("proxy", status(PANIC), READY)) == ["container shop crashed: Error, exit code 2"]
    assert texts(beside("proxy", READY, status(PANIC))) == ["container proxy crashed: Error, exit code 2"]


def test_a_sidecar_that_has_restarted_and_is_ready_again_is_no_reason() -> None:
    again = status({"running": {}}, PANIC, restartCount=1, ready=True)
    assert texts(beside("proxy", READY, again)) == []
    assert texts(beside("proxy", again, READY)) == ["container shop crashed: Error, exit code 2"]


def test_a_container_that_ended_with_its_node_is_not_said_to_have_crashed() -> None:
    lost = status({"terminated": {"reason": "Unknown", "exitCode": 255}})
    assert texts(pod(lost)) == ["ended with its node: Unknown, exit code 255"]


def refused(message: str) -> dict[str, Any]:
    condition = {"type": "ReplicaFailure", "status": "True", "message": message}
    return {"status": {"conditions": [condition]}}


def test_a_refusal_says_whether_there_are_pods_already() -> None:
    assert refusal(refused("exceeded quota"), []) == "no pod can be made: exceeded quota"
    assert refusal(refused("exceeded quota"), [pod(READY)]) == "no further pod can be made: exceeded quota"
    gone = pod(READY, phase="Failed")
    assert refusal(refused("exceeded quota"), [gone]) == "no pod can be made: exceeded quota"
    assert refusal(NOTHING, []) == ""
