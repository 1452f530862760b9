"""When Deployments, StatefulSets, DaemonSets and ReplicationControllers have rolled out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local.plugins.kubernetes.await_pods import NO_EVIDENCE, Evidence, condition, reasons, with_first
from local.plugins.kubernetes.await_verdict import READY, Verdict
from local.plugins.kubernetes.objects import Object, get, name_of

_REVISION = "deployment.kubernetes.io/revision"


def observed(obj: Object) -> bool:
    """Whether the controller has seen the latest change."""
    return _number(obj, "status", "observedGeneration") >= _number(obj, "metadata", "generation")


def _number(obj: Any, *path: str) -> int:
    value = get(obj, *path)
    return value if isinstance(value, int) else 0


def _replicas(obj: Object) -> int:
    value = get(obj, "spec", "replicas")
    return value if isinstance(value, int) else 1


def newest(deployment: Object, replica_sets: Sequence[Object]) -> Object | None:
    """The ReplicaSet a Deployment is rolling out, None before there is one."""
    revision = get(deployment, "metadata", "annotations", _REVISION)
    owned = [rs for rs in replica_sets if owned_by(rs, deployment)]
    return next(
        (rs for rs in owned if revision and get(rs, "metadata", "annotations", _REVISION) == revision), None
    )


def owned_by(obj: Object, owner: Object) -> bool:
    """Whether an object has been made by another one."""
    uid = get(owner, "metadata", "uid")
    return any(reference.get("uid") == uid for reference in get(obj, "metadata", "ownerReferences") or [])


def deployment(
    obj: Object, replica_sets: Sequence[Object], pods: Sequence[Object], evidence: Evidence = NO_EVIDENCE
) -> Verdict:
    """Ready once all replicas are of the new version, all are available, and the old ones are gone.

    Args:
        obj: The Deployment.
        replica_sets: ReplicaSets of its namespace.
        pods: Pods that match its selector.
        evidence: Events and logs of the pods.
    """
    if not observed(obj):
        return Verdict(
            status="[1/2] Waiting for the Deployment controller to see the change",
            reasons=("the Deployment controller has not seen the change",),
        )
    if get(obj, "spec", "paused") is True:
        return READY
    wanted, updated = _replicas(obj), _number(obj, "status", "updatedReplicas")
    total, available = _number(obj, "status", "replicas"), _number(obj, "status", "availableReplicas")
    if updated >= wanted and total <= updated and available >= updated:
        return READY
    replica_set = newest(obj, replica_sets)
    if replica_set is None:
        problems = _stuck(obj)
        return Verdict(
            status=with_first("[1/2] Waiting for the Deployment controller to create a ReplicaSet", problems),
            reasons=problems or ["the Deployment controller has created no ReplicaSet"],
        )
    ready = _number(replica_set, "status", "readyReplicas")
    problems = [*_stuck(obj), *reasons([pod for pod in pods if owned_by(pod, replica_set)], evidence)]
    # Not the number of available pods: the old ones count there too.
    if updated >= wanted and ready >= wanted and total > updated:
        old = total - updated
        return Verdict(
            status=f"[2/2] Waiting for {old} old pod{'s' if old != 1 else ''} to stop",
            reasons=(f"{old} pods of the version before are still there",),
        )
    # A line per second would be too many: the pods' own reasons are in the error if the wait fails.
    return Verdict(
        status=with_first(
            f"[1/2] Waiting for app ReplicaSet {name_of(replica_set)}: {ready}/{wanted} pods ready", problems
        ),
        reasons=[f"{ready} of {wanted} pods of the new version are ready", *problems],
    )


def _stuck(obj: Object) -> list[str]:
    found: list[str] = []
    failure = condition(obj, "ReplicaFailure")
    if failure.get("status") == "True":
        found.append(f"pods cannot be created ({failure.get('reason')}): {failure.get('message')}")
    progressing = condition(obj, "Progressing")
    if progressing.get("status") == "False":
        found.append(f"{progressing.get('reason')}: {progressing.get('message')}")
    return found


def stateful_set(obj: Object, pods: Sequence[Object], evidence: Evidence = NO_EVIDENCE) -> Verdict:
    """Ready once all replicas are ready and, unless pods are updated by hand, of the new revision."""
    if not observed(obj):
        return Verdict(
            status="[1/3] Waiting for the StatefulSet controller to see the change",
            reasons=("the StatefulSet controller has not seen the change",),
        )
    wanted, ready = _replicas(obj), _number(obj, "status", "readyReplicas")
    strategy = get(obj, "spec", "updateStrategy", "type") or "RollingUpdate"
    partition = _number(obj, "spec", "updateStrategy", "rollingUpdate", "partition")
    current, update = get(obj, "status", "currentRevision"), get(obj, "status", "updateRevision")
    rolled = strategy == "OnDelete" or current == update
    if not rolled and partition:
        rolled = _number(obj, "status", "updatedReplicas") >= wanted - partition
    if ready >= wanted and _number(obj, "status", "replicas") == wanted and rolled:
        return READY
    problems = reasons([pod for pod in pods if owned_by(pod, obj)], evidence)
    if ready < wanted:
        status = f"[1/3] Waiting for StatefulSet {name_of(obj)}: {ready}/{wanted} pods ready"
        return Verdict(
            status=with_first(status, problems), reasons=[f"{ready} of {wanted} pods are ready", *problems]
        )
    done = _number(obj, "status", "updatedReplicas")
    return Verdict(
        status=with_first(
            f"[2/3] Waiting for StatefulSet {name_of(obj)}: {done}/{wanted} pods updated", problems
        ),
        reasons=[f"{done} of {wanted} pods are of the new revision", *problems],
    )


def daemon_set(obj: Object, pods: Sequence[Object], evidence: Evidence = NO_EVIDENCE) -> Verdict:
    """Ready once every node that should has a pod of the new version, and it is available."""
    if not observed(obj):
        return Verdict(
            status="[1/2] Waiting for the DaemonSet controller to see the change",
            reasons=("the DaemonSet controller has not seen the change",),
        )
    wanted, available = (
        _number(obj, "status", "desiredNumberScheduled"),
        _number(obj, "status", "numberAvailable"),
    )
    by_hand = get(obj, "spec", "updateStrategy", "type") == "OnDelete"
    updated = wanted if by_hand else _number(obj, "status", "updatedNumberScheduled")
    if updated >= wanted and available >= wanted:
        return READY
    problems = reasons([pod for pod in pods if owned_by(pod, obj)], evidence)
    count = min(updated, available)
    return Verdict(
        status=with_first(
            f"[1/2] Waiting for DaemonSet {name_of(obj)}: {count}/{wanted} pods ready", problems
        ),
        reasons=[f"{count} of {wanted} pods of the new version are available", *problems],
    )


def replication_controller(obj: Object, pods: Sequence[Object], evidence: Evidence = NO_EVIDENCE) -> Verdict:
    """Ready once all replicas are."""
    wanted, ready = _replicas(obj), _number(obj, "status", "readyReplicas")
    if observed(obj) and ready >= wanted:
        return READY
    problems = reasons([pod for pod in pods if owned_by(pod, obj)], evidence)
    return Verdict(
        status=with_first(
            f"Waiting for ReplicationController {name_of(obj)}: {ready}/{wanted} pods ready", problems
        ),
        reasons=[f"{ready} of {wanted} pods are ready", *problems],
    )
