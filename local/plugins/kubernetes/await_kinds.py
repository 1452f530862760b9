"""How each kind is looked at while waiting: what else is read from the cluster, and how long one waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from local.plugins.base import PluginError
from local.plugins.kubernetes import await_expressions, await_others, await_workloads
from local.plugins.kubernetes.await_pods import NO_EVIDENCE, Evidence, is_ready
from local.plugins.kubernetes.await_verdict import Verdict
from local.plugins.kubernetes.cluster import Cluster, selector_of
from local.plugins.kubernetes.errors import ApiError
from local.plugins.kubernetes.objects import (
    Gvk,
    Object,
    annotation,
    get,
    gvk_of,
    is_annotated,
    name_of,
    namespace_of,
)

SKIP = "pulumi.com/skipAwait"
_MINUTE = 60.0  # s
_LOG_LINES = 10
_LOGGED_PODS = 3
_POD = Gvk(group="", version="v1", kind="Pod")
_EVENT = Gvk(group="", version="v1", kind="Event")
_SERVICE = Gvk(group="", version="v1", kind="Service")
_REPLICA_SET = Gvk(group="apps", version="v1", kind="ReplicaSet")
_SLICE = Gvk(group="discovery.k8s.io", version="v1", kind="EndpointSlice")
_STORAGE_CLASS = Gvk(group="storage.k8s.io", version="v1", kind="StorageClass")


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at an object.

    Attributes:
        cluster: Where it lives.
        obj: The object as it is now.
        waited: Seconds since the wait began.
        deep: Read events and logs too, for the message of a failed wait.
    """

    cluster: Cluster
    obj: Object
    waited: float = 0.0
    deep: bool = False

    @property
    def namespace(self) -> str:
        return namespace_of(self.obj)

    def pods(self) -> Sequence[Object]:
        """The pods its selector matches."""
        return self.cluster.list(_POD, self.namespace, {"labelSelector": selector_of(self.obj)})

    def evidence(self, pods: Sequence[Object]) -> Evidence:
        """Events and logs of pods that are not ready; nothing unless `deep`."""
        return gather(self.cluster, self.namespace, pods) if self.deep else NO_EVIDENCE


_Looker: TypeAlias = Callable[[Look], Verdict]


def _deployment(look: Look) -> Verdict:
    quick = await_workloads.deployment(look.obj, [], [])
    if quick.ready or not await_workloads.observed(look.obj):
        return quick
    sets = look.cluster.list(_REPLICA_SET, look.namespace, {"labelSelector": selector_of(look.obj)})
    newest = await_workloads.newest(look.obj, sets)
    pods = [pod for pod in look.pods() if newest is not None and await_workloads.owned_by(pod, newest)]
    return await_workloads.deployment(look.obj, sets, pods, look.evidence(pods))


def _with_pods(judge: Callable[[Object, Sequence[Object], Evidence], Verdict]) -> _Looker:
    def looker(look: Look) -> Verdict:
        verdict = judge(look.obj, [], NO_EVIDENCE)
        if verdict.ready:
            return verdict
        pods = look.pods() if get(look.obj, "spec", "selector") else []
        return judge(look.obj, pods, look.evidence(pods))

    return looker


def _service(look: Look) -> Verdict:
    query = {"labelSelector": f"kubernetes.io/service-name={name_of(look.obj)}"}
    return await_others.service(look.obj, look.cluster.list(_SLICE, look.namespace, query))


def _ingress(look: Look) -> Verdict:
    services = look.cluster.list(_SERVICE, look.namespace) if await_others.backends(look.obj) else []
    return await_others.ingress(look.obj, [name_of(service) for service in services], look.waited)


def _pod(look: Look) -> Verdict:
    return await_others.pod(look.obj, look.evidence([look.obj]))


def _claim(look: Look) -> Verdict:
    name = get(look.obj, "spec", "storageClassName")
    storage = look.cluster.find(_STORAGE_CLASS, "", str(name)) if name else None
    return await_others.claim(look.obj, get(storage, "volumeBindingMode") == "WaitForFirstConsumer")


_LOOKERS: Mapping[tuple[str, str], tuple[_Looker, float]] = {
    ("apps", "Deployment"): (_deployment, 10 * _MINUTE),
    ("apps", "StatefulSet"): (_with_pods(await_workloads.stateful_set), 10 * _MINUTE),
    ("apps", "DaemonSet"): (_with_pods(await_workloads.daemon_set), 10 * _MINUTE),
    ("", "ReplicationController"): (_with_pods(await_workloads.replication_controller), 10 * _MINUTE),
    ("batch", "Job"): (_with_pods(await_others.job), 10 * _MINUTE),
    ("", "Pod"): (_pod, 10 * _MINUTE),
    ("", "Service"): (_service, 10 * _MINUTE),
    ("networking.k8s.io", "Ingress"): (_ingress, 10 * _MINUTE),
    ("", "PersistentVolumeClaim"): (_claim, 5 * _MINUTE),
    ("", "PersistentVolume"): (lambda look: await_others.volume(look.obj), 5 * _MINUTE),
    ("", "ResourceQuota"): (lambda look: await_others.quota(look.obj), _MINUTE),
    ("", "Secret"): (lambda look: await_others.token(look.obj), 5 * _MINUTE),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): (
        lambda look: await_others.definition(look.obj),
        _MINUTE,
    ),
}


def looker_for(inputs: Object) -> tuple[_Looker, float] | None:
    """How to wait for an object, and for how many seconds by default; None when there is nothing to wait for.

    Raises:
        PluginError: Its waitFor annotation cannot be read.
    """
    if is_annotated(inputs, SKIP):
        return None
    if wait_for := annotation(inputs, await_expressions.ANNOTATION):
        expressions = await_expressions.parse(wait_for)
        return lambda look: await_expressions.look(look.obj, expressions), 10 * _MINUTE
    gvk = gvk_of(inputs)
    return _LOOKERS.get((gvk.group, gvk.kind))


def gather(cluster: Cluster, namespace: str, pods: Sequence[Object]) -> Evidence:
    """Warnings about pods that are not ready, and the last lines of their containers that ended."""
    failing = [pod for pod in pods if not is_ready(pod)]
    if not failing:
        return NO_EVIDENCE
    query = {"fieldSelector": "involvedObject.kind=Pod,type=Warning"}
    try:
        events = sorted(cluster.list(_EVENT, namespace, query), key=_when)
    except ApiError:
        events = []  # reading events is a right of its own, and the pods' status says most of it
    names = {name_of(pod) for pod in failing}
    by_pod: dict[str, list[Object]] = {}
    for event in events:
        if (name := get(event, "involvedObject", "name")) in names:
            by_pod.setdefault(name, []).append(event)
    logs: dict[tuple[str, str], str] = {}
    for pod in failing[:_LOGGED_PODS]:
        logs |= _logs(cluster, namespace, pod)
    return Evidence(events=by_pod, logs=logs)


def _when(event: Object) -> str:
    return str(
        get(event, "series", "lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime") or ""
    )


def _logs(cluster: Cluster, namespace: str, pod: Object) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    status = pod.get("status") or {}
    for item in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        running, ended = get(item, "state", "terminated"), get(item, "lastState", "terminated")
        if running is None and ended is None:
            continue
        name = str(item.get("name"))
        try:
            found[name_of(pod), name] = cluster.log(
                namespace, name_of(pod), name, previous=running is None, lines=_LOG_LINES
            )
        except (ApiError, PluginError):
            continue  # the log may be gone with its container, and its exit code is in the status
    return found
