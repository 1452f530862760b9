"""HorizontalPodAutoscalers: what they scale, and between which bounds."""

from collections.abc import Iterator, Sequence

from ..model import Options, Resource, ResourceRule, StackRule, Violation
from ..reading.cluster import hides_objects, scalers, targets
from ..reading.label_selectors import some
from ..values import get, is_set, whole


def _replicas(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
    for workload in resources:
        if not is_set(get(workload.props, "spec", "replicas")):
            continue
        if any(targets(scaler, workload) for scaler in scalers(resources)):
            message = "is set, and an autoscaler sets it too"
            yield Violation(path=("spec", "replicas"), message=message, resource=workload)


def _target(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
    for scaler in scalers(resources):
        found = some([hides_objects(resources), *(targets(scaler, resource) for resource in resources)])
        if found is False and is_set(get(scaler.props, "spec", "scaleTargetRef")):
            path = ("spec", "scaleTargetRef", "name")
            message = f"{scaler.quoted(path)} is not in this stack and namespace"
            yield Violation(path=path, message=message, resource=scaler)


def _bounds(resource: Resource, _options: Options) -> Iterator[Violation]:
    if (resource.group, resource.kind) != ("autoscaling", "HorizontalPodAutoscaler"):
        return
    low, high = (get(resource.props, "spec", key) for key in ("minReplicas", "maxReplicas"))
    least, most = whole(1 if low is None else low), whole(high)
    if least is not None and most is not None and least > most:
        yield Violation(path=("spec", "minReplicas"), message=f"{least} is above maxReplicas {most}")
    old = resource.type.split(":")[1] == "autoscaling/v1"
    key = "targetCPUUtilizationPercentage" if old else "metrics"
    if not get(resource.props, "spec", key) and isinstance(get(resource.props, "spec"), dict):
        yield Violation(path=("spec", key), message="is empty: nothing says when to scale")


RULES: tuple[ResourceRule | StackRule, ...] = (
    StackRule(
        name="availability-autoscaler-replicas",
        asks="A workload that an autoscaler scales leaves `replicas` out.",
        why="Each deployment would throw the number of pods back, under load to too few.",
        remedy="Remove spec.replicas; the autoscaler's minReplicas is what it starts from.",
        example="spec: {selector: {matchLabels: {app: shop}}}",
        severity="high",
        check=_replicas,
    ),
    StackRule(
        name="availability-autoscaler-target",
        asks="What an autoscaler scales is in the stack, in the autoscaler's namespace.",
        why="An autoscaler without its target does nothing, and says so only in its events.",
        remedy="Name apiVersion, kind and name of a workload in the same namespace.",
        example="spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}}",
        severity="high",
        check=_target,
    ),
    ResourceRule(
        name="availability-autoscaler-bounds",
        asks="An autoscaler has minReplicas up to maxReplicas, and at least one metric.",
        why="Crossed bounds are refused by the cluster, and without a metric a default nobody chose applies.",
        remedy="Set minReplicas at or below maxReplicas, and name a metric such as CPU use.",
        example=(
            "spec: {minReplicas: 2, maxReplicas: 4, metrics: [{type: Resource, "
            "resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]}"
        ),
        severity="medium",
        check=_bounds,
    ),
)
