"""PodDisruptionBudgets: the pods they select, and the evictions they allow."""

import re
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

from ..model import Options, Resource, StackRule, Violation
from ..reading.cluster import (
    SCALABLE,
    Workload,
    hides_objects,
    in_same_namespace,
    min_pods,
    of_kind,
    workloads,
)
from ..reading.label_selectors import every, meets, some
from ..values import get, whole_number


def _selects(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
    for budget in of_kind(resources, "policy", "PodDisruptionBudget"):
        found = some([hides_objects(resources), *(_covers(budget, each) for each in workloads(resources))])
        if found is False:
            yield Violation(
                path=("spec", "selector"), message="selects no pods of this stack", resource=budget
            )


def _evictions(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
    for budget in of_kind(resources, "policy", "PodDisruptionBudget"):
        pods = _pods(budget, resources)
        for key, blocks in (("minAvailable", _is_all), ("maxUnavailable", _is_none)):
            value = get(budget.props, "spec", key)
            if blocks(value, pods):
                path = ("spec", key)
                message = f"{budget.quote(path)} allows no eviction"
                yield Violation(path=path, message=message, resource=budget)


def _covers(budget: Resource, workload: Workload) -> bool | None:
    selector = get(budget.props, "spec", "selector")
    selects = False if selector is None else meets(workload.labels, selector)
    return every([in_same_namespace(budget, workload.resource), selects])


def _pods(budget: Resource, resources: Sequence[Resource]) -> int | None:
    """Minimum number of pods that a budget selects; None if unknown."""
    total = 0
    for workload in workloads(resources):
        covered = _covers(budget, workload)
        if covered is False:
            continue
        counts = [count for _, _, count in min_pods(workload, resources)]
        if not covered or (workload.resource.group, workload.resource.kind) not in SCALABLE or not counts:
            return None
        known = [count for count in counts if count is not None]
        if len(known) < len(counts):
            return None
        total += min(known)
    return total


def _is_all(value: Any, pods: int | None) -> bool:
    """Whether minAvailable covers all pods. Percentages are rounded up, as the cluster does."""
    count, percent = whole_number(value), _percent(value)
    if percent is not None:
        return percent >= 100 or bool(pods and percent and ceil(percent * pods / 100) >= pods)
    return bool(count and pods and count >= pods)


def _is_none(value: Any, _pods: int | None) -> bool:
    return whole_number(value) == 0 or _percent(value) == 0


def _percent(value: Any) -> int | None:
    return int(value[:-1]) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}%", value) else None


RULES: tuple[StackRule, ...] = (
    StackRule(
        name="availability-budget-selector",
        asks="A PodDisruptionBudget selects pods of the stack.",
        why="A budget that selects nothing protects nothing.",
        remedy="Select labels of the pod template of a workload in the same namespace.",
        example="spec: {maxUnavailable: 1, selector: {matchLabels: {app: shop}}}",
        severity="high",
        check=_selects,
    ),
    StackRule(
        name="availability-budget-evictions",
        asks="A PodDisruptionBudget allows at least one eviction, even at the minimum number of pods.",
        why="A budget that allows no eviction blocks every node drain, and so every node upgrade.",
        remedy="Set maxUnavailable: 1, or minAvailable below the number of replicas.",
        example="spec: {maxUnavailable: 1, selector: {matchLabels: {app: shop}}}",
        severity="high",
        check=_evictions,
    ),
)
