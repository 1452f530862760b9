"""Workloads that survive the loss of a pod or a node; autoscalers.py and budgets.py have the rest."""

from collections.abc import Iterator, Sequence
from typing import Any

from ..model import Option, Options, Resource, StackRule, Violation
from ..reading.cluster import Workload, least_pods, scalable, workloads
from ..reading.label_selectors import Verdict, every, meets, some
from ..values import get, is_set, possible_items, whole
from .tracks import on_track, siblings


def _minimum(resources: Sequence[Resource], options: Options) -> Iterator[Violation]:
    minimum = options["minimum"]
    for workload in scalable(resources):
        if _has_stable_sibling(workload, resources) is not False:
            continue
        for holder, key, count in least_pods(workload, resources):
            if count is not None and count < minimum:
                path = ("spec", key)
                said = holder.quoted(path) if is_set(get(holder.props, *path)) else "not set, which means 1,"
                yield Violation(path=path, message=f"{said} is below {minimum}", resource=holder)


def _spread(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
    for workload in scalable(resources):
        if _is_one(workload, resources) is False and _is_spread(workload) is False:
            message = "has neither topologySpreadConstraints nor pod anti-affinity that select its own pods"
            yield Violation(path=(*workload.path, "spec"), message=message, resource=workload.resource)


def _has_stable_sibling(workload: Workload, resources: Sequence[Resource]) -> Verdict:
    """Whether a workload is a canary, beside which another one carries the load."""
    stable = (every([on_track(each, "stable"), siblings(workload, each)]) for each in workloads(resources))
    return every([on_track(workload, "canary"), some(stable)])


def _is_one(workload: Workload, resources: Sequence[Resource]) -> Verdict:
    """Whether a workload never has a second pod."""
    counts = [
        whole(get(holder.props, "spec", "maxReplicas")) if key == "minReplicas" else count
        for holder, key, count in least_pods(workload, resources)
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
        asks="A workload has at least `minimum` pods, under an autoscaler at its lower bound.",
        why="With a single pod, each crash, each eviction and each drain of a node is an outage.",
        remedy="Raise replicas, or the autoscaler's minReplicas.",
        example="spec: {replicas: 2}",
        severity="high",
        options={
            "minimum": Option(
                schema={"type": "integer", "minimum": 1},
                default=2,
                meaning="Fewest pods of a workload; a canary beside its stable track may have fewer.",
            )
        },
        check=_minimum,
    ),
    StackRule(
        name="availability-spread",
        asks="Pods of a workload with more than one are spread by topology constraints or pod anti-affinity.",
        why="Left alone, the scheduler may put all pods on one node, and they go down with it.",
        remedy="Add topologySpreadConstraints over kubernetes.io/hostname that select its own pods.",
        example=(
            "spec: {topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, "
            "whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: shop}}}]}"
        ),
        severity="medium",
        check=_spread,
    ),
)
