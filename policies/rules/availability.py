"""Workloads that survive the loss of a pod or a node. See also autoscalers.py and budgets.py."""

from collections.abc import Iterator, Sequence
from typing import Any

from ..model import Option, Options, Resource, StackRule, Violation
from ..reading.cluster import Workload, min_pods, scalable, workloads
from ..reading.label_selectors import Verdict, every, meets, some
from ..values import get, is_set, possible_items, whole_number
from .tracks import are_siblings, on_track


def _minimum(resources: Sequence[Resource], options: Options) -> Iterator[Violation]:
    minimum = options["minimum"]
    for workload in scalable(resources):
        if _has_stable_sibling(workload, resources) is not False:
            continue
        for holder, key, count in min_pods(workload, resources):
            if count is not None and count < minimum:
                path = ("spec", key)
                value = holder.quote(path) if is_set(get(holder.props, *path)) else "the default of 1"
                yield Violation(path=path, message=f"{value} is below {minimum}", resource=holder)


def _spread(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
    for workload in scalable(resources):
        if _has_one_pod(workload, resources) is False and _is_spread(workload) is False:
            message = "no topologySpreadConstraints or pod anti-affinity selects these pods"
            yield Violation(path=(*workload.path, "spec"), message=message, resource=workload.resource)


def _has_stable_sibling(workload: Workload, resources: Sequence[Resource]) -> Verdict:
    """Whether a workload is a canary of a stable one, which serves most of the load."""
    stable = (
        every([on_track(each, "stable"), are_siblings(workload, each)]) for each in workloads(resources)
    )
    return every([on_track(workload, "canary"), some(stable)])


def _has_one_pod(workload: Workload, resources: Sequence[Resource]) -> Verdict:
    """Whether a workload never has more than one pod."""
    counts = [
        whole_number(get(holder.props, "spec", "maxReplicas")) if key == "minReplicas" else count
        for holder, key, count in min_pods(workload, resources)
    ]
    return every(None if count is None else count < 2 for count in counts or [None])


def _is_spread(workload: Workload) -> Verdict:
    spec = workload.spec
    own: list[Verdict] = [
        _selects(get(constraint, "labelSelector"), workload)
        for constraint in possible_items(get(spec, "topologySpreadConstraints"))
    ]
    affinity = get(spec, "affinity", "podAntiAffinity")
    for term in possible_items(get(affinity, "requiredDuringSchedulingIgnoredDuringExecution")):
        own.append(_selects(get(term, "labelSelector"), workload))
    for term in possible_items(get(affinity, "preferredDuringSchedulingIgnoredDuringExecution")):
        own.append(_selects(get(term, "podAffinityTerm", "labelSelector"), workload))
    return some(own)


def _selects(selector: Any, workload: Workload) -> Verdict:
    return False if selector is None else meets(workload.labels, selector)


RULES: tuple[StackRule, ...] = (
    StackRule(
        name="availability-replicas",
        asks="A workload has at least `minimum` pods; with an autoscaler, minReplicas counts.",
        why="With a single pod, each crash, eviction and node drain is an outage.",
        remedy="Raise replicas, or the autoscaler's minReplicas.",
        example="spec: {replicas: 2}",
        severity="high",
        options={
            "minimum": Option(
                schema={"type": "integer", "minimum": 1},
                default=2,
                meaning="Minimum number of pods; a canary beside its stable track may have fewer.",
            )
        },
        check=_minimum,
    ),
    StackRule(
        name="availability-spread",
        asks="Topology spread constraints or anti-affinity spread the pods of a workload over nodes.",
        why="Otherwise the scheduler may place all pods on one node, and they all fail with it.",
        remedy="Add topologySpreadConstraints over kubernetes.io/hostname that select its own pods.",
        example=(
            "spec: {topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, "
            "whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: shop}}}]}"
        ),
        severity="medium",
        check=_spread,
    ),
)
