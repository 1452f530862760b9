"""When the stand-in Kubernetes provider takes objects for ready, and what it says while they are not."""

from __future__ import annotations

from typing import Any

import pytest

from local.plugins.base import PluginError
from local.plugins.kubernetes import await_expressions, await_others, await_workloads
from local.plugins.kubernetes.await_pods import Evidence, reasons
from local.plugins.kubernetes.await_verdict import READY, Verdict

Object = dict[str, Any]


def deployment(
    status: Object | None = None, *, generation: int = 2, replicas: int = 3, **spec: Any
) -> Object:
    return {
        "kind": "Deployment",
        "metadata": {
            "name": "web",
            "uid": "d",
            "generation": generation,
            "annotations": {"deployment.kubernetes.io/revision": "2"},
        },
        "spec": {"replicas": replicas, **spec},
        "status": {"observedGeneration": 2, **(status or {})},
    }


def rollout(updated: int, total: int, available: int, **more: Any) -> Object:
    return {"updatedReplicas": updated, "replicas": total, "availableReplicas": available, **more}


def replica_set(ready: int, revision: str = "2", owner: str = "d") -> Object:
    return {
        "metadata": {
            "name": f"web-{revision}",
            "uid": f"rs{revision}",
            "annotations": {"deployment.kubernetes.io/revision": revision},
            "ownerReferences": [{"uid": owner}],
        },
        "status": {"readyReplicas": ready},
    }


def pod(
    name: str = "web-2-x", container: Object | None = None, *, image: str = "r/app:2", **status: Any
) -> Object:
    statuses = [{"name": "app", "ready": False, **container}] if container else []
    return {
        "metadata": {"name": name, "ownerReferences": [{"uid": "rs2"}]},
        "spec": {
            "containers": [{"name": "app", "image": image, "resources": {"limits": {"memory": "64Mi"}}}],
            "initContainers": [{"name": "prepare", "image": "r/prepare:1"}],
        },
        "status": {"phase": "Pending", "containerStatuses": statuses, **status},
    }


PULL = {
    "state": {
        "waiting": {
            "reason": "ImagePullBackOff",
            "message": 'Back-off pulling image "r/app:2": ErrImagePull: rpc error: code = NotFound desc = '
            'failed to pull and unpack image "r/app:2": r/app:2: not found',
        }
    }
}
CRASH = {
    "state": {
        "waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting failed container"}
    },
    "lastState": {"terminated": {"exitCode": 2, "reason": "Error"}},
    "restartCount": 3,
}
RUNNING = {"state": {"running": {}}}


def event(reason: str, message: str, **more: Any) -> Object:
    return {
        "reason": reason,
        "message": message,
        "involvedObject": {"fieldPath": "spec.containers{app}"},
        **more,
    }


def test_a_deployment_is_ready_when_all_is_new_and_available() -> None:
    assert await_workloads.deployment(deployment(rollout(3, 3, 3)), [], []) == READY
    assert await_workloads.deployment(deployment(rollout(0, 0, 0), replicas=0), [], []) == READY
    assert await_workloads.deployment(deployment(rollout(0, 3, 3), paused=True), [], []) == READY


@pytest.mark.parametrize(
    "obj",
    [
        deployment(rollout(3, 3, 3), generation=3),  # the controller has not seen the change
        deployment(rollout(1, 3, 3)),
        deployment(rollout(3, 4, 3)),
        deployment(rollout(3, 3, 2)),
        deployment(),
    ],
)
def test_a_deployment_is_not_ready(obj: Object) -> None:
    verdict = await_workloads.deployment(obj, [replica_set(1)], [])
    assert not verdict.ready
    assert verdict.status
    assert verdict.reasons


def test_a_deployment_shows_its_progress() -> None:
    sets = [replica_set(3, "1"), replica_set(1), replica_set(9, "2", owner="other")]
    verdict = await_workloads.deployment(deployment(rollout(2, 4, 3)), sets, [pod(container=RUNNING)])
    assert verdict == Verdict(
        status="[1/2] Waiting for app ReplicaSet web-2: 1/3 pods ready",
        reasons=["1 of 3 pods of the new version are ready"],
    )
    leaving = await_workloads.deployment(deployment(rollout(3, 4, 3)), [replica_set(3)], [])
    assert leaving.status == "[2/2] Waiting for 1 old pod to stop"
    # One old pod is available, the new one is not.
    surging = await_workloads.deployment(deployment(rollout(1, 2, 1), replicas=1), [replica_set(0)], [])
    assert surging.status == "[1/2] Waiting for app ReplicaSet web-2: 0/1 pods ready"
    none = await_workloads.deployment(deployment(), [], [])
    assert none.status == "[1/2] Waiting for the Deployment controller to create a ReplicaSet"


def test_a_deployment_tells_what_stops_it() -> None:
    conditions = [
        {
            "type": "Progressing",
            "status": "False",
            "reason": "ProgressDeadlineExceeded",
            "message": "has timed out.",
        },
        {
            "type": "ReplicaFailure",
            "status": "True",
            "reason": "FailedCreate",
            "message": 'pods "web-2-x" is forbidden: exceeded quota: small, requested: pods=1, used: pods=0, '
            "limited: pods=0",
        },
    ]
    obj = deployment(rollout(0, 0, 0, conditions=conditions))
    verdict = await_workloads.deployment(obj, [replica_set(0)], [])
    assert not verdict.hopeless
    assert list(verdict.reasons) == [
        "0 of 3 pods of the new version are ready",
        'pods cannot be created (FailedCreate): pods "web-2-x" is forbidden: exceeded quota: small, '
        "requested: pods=1, "
        "used: pods=0, limited: pods=0",
        "ProgressDeadlineExceeded: has timed out.",
    ]
    assert verdict.status.startswith(
        "[1/2] Waiting for app ReplicaSet web-2: 0/3 pods ready; pods cannot be created"
    )


def test_only_pods_of_the_new_version_explain_a_deployment() -> None:
    old = pod("web-1-x", CRASH)
    old["metadata"]["ownerReferences"] = [{"uid": "rs1"}]
    verdict = await_workloads.deployment(deployment(), [replica_set(0)], [old, pod(container=PULL)])
    assert [reason for reason in verdict.reasons if reason.startswith("pod ")] == [
        "pod web-2-x: container app: image r/app:2 cannot be pulled (ImagePullBackOff): ErrImagePull: "
        "r/app:2: not found"
    ]


def test_a_crash_shows_its_code_and_last_lines() -> None:
    logs = {("web-2-x", "app"): "starting\npanic: no database\n"}
    assert reasons([pod(container=CRASH)], Evidence(logs=logs)) == [
        "pod web-2-x: container app exited with code 2, CrashLoopBackOff, 3 restarts; its last lines:\n"
        "    starting\n    panic: no database"
    ]
    # In a status line there is room for one line.
    verdict = await_others.pod(pod(container=CRASH), Evidence(logs=logs))
    assert verdict.status == (
        "Waiting for the pod to be ready (Pending); "
        "pod web-2-x: container app exited with code 2, CrashLoopBackOff, 3 restarts"
    )


def test_a_container_out_of_memory_says_so() -> None:
    killed = {"state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}, "restartCount": 1}
    assert reasons([pod(container=killed)]) == [
        "pod web-2-x: container app was killed for using more memory than its limit of 64Mi (OOMKilled), 1 "
        "restart"
    ]


def test_a_container_that_ended_well_and_is_restarted_says_so() -> None:
    ended = {
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"exitCode": 0, "reason": "Completed"}},
        "restartCount": 2,
    }
    assert reasons([pod(container=ended)]) == [
        "pod web-2-x: container app exited with code 0, CrashLoopBackOff, 2 restarts"
    ]


def test_a_failing_init_container_is_named() -> None:
    failing = pod(initContainerStatuses=[{"name": "prepare", "ready": False, **CRASH}])
    assert reasons([failing])[0].startswith("pod web-2-x: container prepare exited with code 2")
    done = pod(
        container={"state": {"waiting": {"reason": "PodInitializing"}}},
        initContainerStatuses=[{"name": "prepare", "ready": True, "state": {"terminated": {"exitCode": 0}}}],
    )
    assert reasons([done]) == []


def test_a_failing_probe_is_told_from_events() -> None:
    events = {
        "web-2-x": [
            event("Unhealthy", "Readiness probe failed: connection refused"),
            event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", count=4),
            event(
                "Unhealthy", "Liveness probe failed", involvedObject={"fieldPath": "spec.containers{proxy}"}
            ),
        ]
    }
    assert reasons([pod(container=RUNNING)], Evidence(events=events)) == [
        "pod web-2-x: container app is not ready: Readiness probe failed: HTTP probe failed with "
        "statuscode: 503 (4 times)"
    ]


def test_pods_that_cannot_be_scheduled_or_set_up() -> None:
    message = "0/1 nodes are available: 1 Insufficient cpu."
    unscheduled = pod(conditions=[{"type": "PodScheduled", "status": "False", "message": message}])
    assert reasons([unscheduled]) == [
        "pod web-2-x: cannot be scheduled: 0/1 nodes are available: 1 Insufficient cpu."
    ]
    creating = pod(container={"state": {"waiting": {"reason": "ContainerCreating"}}})
    assert reasons([creating]) == []
    mount = Evidence(events={"web-2-x": [event("FailedMount", 'secret "missing" not found')]})
    assert reasons([creating], mount) == ['pod web-2-x: FailedMount: secret "missing" not found']
    config = pod(
        container={
            "state": {"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "a" not found'}}
        }
    )
    assert reasons([config]) == [
        'pod web-2-x: container app: CreateContainerConfigError: secret "a" not found'
    ]
    evicted = pod(phase="Failed", reason="Evicted", message="The node was low on memory")
    assert reasons([evicted]) == ["pod web-2-x: Evicted: The node was low on memory"]


def test_equal_reasons_are_given_once() -> None:
    pods = [pod(f"web-2-{n}", PULL) for n in range(5)]
    gone = pod("web-2-9", PULL)
    gone["metadata"]["deletionTimestamp"] = "t"
    ready = pod("web-2-8", conditions=[{"type": "Ready", "status": "True"}])
    found = reasons([*pods, gone, ready])
    assert len(found) == 1
    assert found[0].startswith(
        "pods web-2-0, web-2-1, web-2-2 and 2 more: container app: image r/app:2 cannot be pulled"
    )


def workload(kind: str, status: Object, spec: Object | None = None) -> Object:
    return {
        "kind": kind,
        "metadata": {"name": "db", "uid": "w", "generation": 1},
        "spec": {"replicas": 2, **(spec or {})},
        "status": {"observedGeneration": 1, **status},
    }


def test_stateful_sets() -> None:
    def judge(spec: Object | None = None, **status: Any) -> Verdict:
        return await_workloads.stateful_set(workload("StatefulSet", status, spec), [])

    full = {"replicas": 2, "readyReplicas": 2, "currentRevision": "a"}
    assert judge(**full, updateRevision="a") == READY
    assert judge(**full, updateRevision="b", updatedReplicas=1).status == (
        "[2/3] Waiting for StatefulSet db: 1/2 pods updated"
    )
    assert judge({"updateStrategy": {"type": "OnDelete"}}, **full, updateRevision="b") == READY
    partition = {"updateStrategy": {"rollingUpdate": {"partition": 1}}}
    assert judge(partition, **full, updateRevision="b", updatedReplicas=1) == READY
    waiting = judge(replicas=2, readyReplicas=1, currentRevision="a", updateRevision="a")
    assert waiting.status == "[1/3] Waiting for StatefulSet db: 1/2 pods ready"
    assert not judge(**full, updateRevision="a", observedGeneration=0).ready


def test_daemon_sets_and_replication_controllers() -> None:
    full = {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2}
    assert await_workloads.daemon_set(workload("DaemonSet", full), []) == READY
    part = await_workloads.daemon_set(workload("DaemonSet", {**full, "updatedNumberScheduled": 1}), [])
    assert part.status == "[1/2] Waiting for DaemonSet db: 1/2 pods ready"
    by_hand = workload(
        "DaemonSet", {**full, "updatedNumberScheduled": 0}, {"updateStrategy": {"type": "OnDelete"}}
    )
    assert await_workloads.daemon_set(by_hand, []) == READY
    assert (
        await_workloads.replication_controller(workload("ReplicationController", {"readyReplicas": 2}), [])
        == READY
    )
    assert not await_workloads.replication_controller(workload("ReplicationController", {}), []).ready


def service(**spec: Any) -> Object:
    return {"kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, **spec}}


def test_services() -> None:
    serving = [{"endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": True}}]}]
    starting = [
        {"endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": False}}]},
        {"endpoints": None},
    ]
    assert await_others.service(service(), serving) == READY
    assert list(await_others.service(service(), starting).reasons) == [
        "the Service reaches no ready pod: its pods are not ready, or no pod carries the labels app=web of "
        "spec.selector"
    ]
    assert await_others.service(service(clusterIP="None"), []) == READY
    assert await_others.service(service(type="ExternalName"), []) == READY
    assert await_others.service(service(selector=None), []) == READY
    balancer = service(type="LoadBalancer")
    assert await_others.service(balancer, serving).status == "[2/2] Waiting for the load balancer's address"
    balancer["status"] = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}
    assert await_others.service(balancer, serving) == READY


def test_ingresses() -> None:
    path = {"path": "/", "backend": {"service": {"name": "web"}}}
    rules: list[Object] = [{"host": "a.example", "http": {"paths": [path]}}, {"host": "b"}]
    obj: Object = {"kind": "Ingress", "metadata": {"name": "web"}, "spec": {"rules": rules}}
    early = await_others.ingress(obj, [], 1.0)
    assert early.status == "[1/2] Finding a service for each path"
    assert list(early.reasons) == ["a.example/ leads to the service 'web', which is not there"]
    late = await_others.ingress(obj, [], 61.0)
    assert late.status == "[2/2] Waiting for the ingress controller to give an address"
    assert len(late.reasons) == 2
    obj["status"] = {"loadBalancer": {"ingress": [{"hostname": "lb"}]}}
    assert await_others.ingress(obj, ["web"], 0.0) == READY
    assert await_others.ingress(obj, [], 61.0) == READY


def test_jobs_end_the_wait_when_they_fail() -> None:
    def job(*conditions: Object, **spec: Any) -> Object:
        return {
            "spec": {"completions": 2, **spec},
            "status": {"succeeded": 1, "conditions": list(conditions)},
        }

    assert await_others.job(job({"type": "Complete", "status": "True"}), []) == READY
    assert await_others.job(job(suspend=True), []) == READY
    running = await_others.job(job(), [])
    assert running.status == "Waiting for the Job: 1/2 pods completed"
    assert not running.hopeless
    failed = {
        "type": "Failed",
        "status": "True",
        "reason": "BackoffLimitExceeded",
        "message": "has reached the limit",
    }
    verdict = await_others.job(job(failed), [pod(container=CRASH)])
    assert verdict.hopeless
    assert verdict.reasons[0] == "the Job failed (BackoffLimitExceeded): has reached the limit"
    assert "exited with code 2" in verdict.reasons[1]


def test_pods_volumes_and_the_rest() -> None:
    assert await_others.pod(pod(conditions=[{"type": "Ready", "status": "True"}])) == READY
    assert await_others.pod(pod(phase="Succeeded")) == READY
    pending: Object = {"spec": {"storageClassName": "fast"}, "status": {"phase": "Pending"}}
    assert await_others.claim(pending, waits_for_pod=True) == READY
    assert list(await_others.claim(pending, waits_for_pod=False).reasons) == [
        "the claim is Pending: no volume fits it, and storage class 'fast' provides none"
    ]
    assert await_others.claim({"status": {"phase": "Bound"}}, waits_for_pod=False) == READY
    assert await_others.volume({"status": {"phase": "Available"}}) == READY
    assert not await_others.volume({}).ready
    assert await_others.quota({"spec": {"hard": {"pods": "1"}}, "status": {"hard": {"pods": "1"}}}) == READY
    assert not await_others.quota({"spec": {"hard": {"pods": "1"}}}).ready
    assert await_others.token({"type": "Opaque"}) == READY
    assert not await_others.token({"type": "kubernetes.io/service-account-token"}).ready
    assert (
        await_others.definition({"status": {"conditions": [{"type": "Established", "status": "True"}]}})
        == READY
    )


THING: Object = {
    "status": {
        "phase": "Running",
        "ok": True,
        "count": 3,
        "dotted.key": "x",
        "conditions": [
            {"type": "Ready", "status": "False", "reason": "Busy", "message": "still at it"},
            {"type": "Synced", "status": "True"},
        ],
        "addresses": [{"ip": "a"}, {"ip": "b"}],
    }
}


@pytest.mark.parametrize(
    "annotation",
    [
        "jsonpath={.status.phase}",
        "jsonpath={.status.phase}=Running",
        "jsonpath={.status.ok}=true",
        "jsonpath={.status.count}=3",
        "jsonpath={.status['dotted.key']}=x",
        r"jsonpath={.status.dotted\.key}=x",
        "jsonpath={.status.addresses[0].ip}=a",
        "jsonpath={.status.addresses[-1].ip}=b",
        "jsonpath={.status.addresses[*].ip}",
        'jsonpath={.status.conditions[?(@.type=="Synced")].status}=True',
        "condition=Synced",
        "condition=Ready=False",
        '["condition=Synced", "jsonpath={.status.phase}=Running"]',
    ],
)
def test_expressions_that_are_met(annotation: str) -> None:
    assert await_expressions.look(THING, await_expressions.parse(annotation)) == READY


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        ("condition=Ready", "condition Ready is False (Busy: still at it)"),
        ("condition=Other", "there is no condition Other yet"),
        ("jsonpath={.status.phase}=Failed", ".status.phase is Running, not Failed"),
        ("jsonpath={.status.nothing}", ".status.nothing is not set"),
        ("jsonpath={.status.addresses[5].ip}", ".status.addresses[5].ip is not set"),
        ("jsonpath={.status.addresses[*].ip}=a", ".status.addresses[*].ip is a, b, not a"),
        ("jsonpath={.status.phase[0]}", ".status.phase[0] is not set"),
    ],
)
def test_expressions_that_are_not_met(annotation: str, reason: str) -> None:
    assert list(await_expressions.look(THING, await_expressions.parse(annotation)).reasons) == [reason]


@pytest.mark.parametrize(
    "annotation",
    ["Ready", "condition=", "jsonpath=.status", "jsonpath={status}", "jsonpath={}", "[]", "[1]", "{}"],
)
def test_other_expressions_are_refused(annotation: str) -> None:
    with pytest.raises(PluginError, match=r"^pulumi\.com/waitFor: "):
        await_expressions.parse(annotation)
