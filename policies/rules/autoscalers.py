"""HorizontalPodAutoscalers: their targets, bounds and metrics."""

from collections.abc import Iterator, Sequence

from ..model import Options, Resource, ResourceRule, StackRule, Violation
from ..reading.cluster import hides_objects, scalers, scales
from ..reading.label_selectors import some
from ..values import get, is_set, whole_number


def _replicas(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
    for workload in resources:
        if not is_set(get(workload.props, "spec", "replicas")):
            continue
        if any(scales(scaler, workload) for scaler in scalers(resources)):
            message = "is set, but an autoscaler sets it too"
            yield Violation(path=("spec", "replicas"), message=message, resource=workload)


def _target(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
    for scaler in scalers(resources):
        found = some([hides_objects(resources), *(scales(scaler, resource) for resource in resources)])
        if found is False and is_set(get(scaler.props, "spec", "scaleTargetRef")):
            path = ("spec", "scaleTargetRef", "name")
            message = f"{scaler.quote(path)} is not in this stack and namespace"
            yield Violation(path=path, message=message, resource=scaler)


def _bounds(resource: Resource, _options: Options) -> Iterator[Violation]:
    if (resource.group, resource.kind) != ("autoscaling", "HorizontalPodAutoscaler"):
        return
    low, high = (get(resource.props, "spec", key) for key in ("minReplicas", "maxReplicas"))
    minimum, maximum = whole_number(1 if low is None else low), whole_number(high)
    if minimum is not None and maximum is not None and minimum > maximum:
        yield Violation(path=("spec", "minReplicas"), message=f"{minimum} is above maxReplicas {maximum}")
    old = resource.type.split(":")[1] == "autoscaling/v1"
    key = "targetCPUUtilizationPercentage" if old else "metrics"
    if not get(resource.props, "spec", key) and isinstance(get(resource.props, "spec"), dict):
        yield Violation(path=("spec", key), message="is empty: the autoscaler has no metric to scale by")


RULES: tuple[ResourceRule | StackRule, ...] = (
    StackRule(
        name="availability-autoscaler-replicas",
        asks="A workload with an autoscaler does not set `replicas`.",
        why="Each update would reset the number of pods, under load to too few.",
        remedy="Remove spec.replicas; the workload then starts with the autoscaler's minReplicas.",
        example="spec: {selector: {matchLabels: {app: shop}}}",
        severity="high",
        check=_replicas,
    ),
    StackRule(
        name="availability-autoscaler-target",
        asks="The target of an autoscaler is in the stack, in the autoscaler's namespace.",
        why="An autoscaler without its target does nothing, and reports that only in its events.",
        remedy="Set apiVersion, kind and name to those of a workload in the same namespace.",
        example="spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}}",
        severity="high",
        check=_target,
    ),
    ResourceRule(
        name="availability-autoscaler-bounds",
        asks="An autoscaler has minReplicas of at most maxReplicas, and at least one metric.",
        why="The cluster rejects minReplicas above maxReplicas, and applies a default if there is no metric.",
        remedy="Set minReplicas to at most maxReplicas, and add a metric such as CPU utilization.",
        example=(
            "spec: {minReplicas: 2, maxReplicas: 4, metrics: [{type: Resource, "
            "resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]}"
        ),
        severity="medium",
        check=_bounds,
    ),
)
