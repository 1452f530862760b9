"""PodDisruptionBudgets: which pods they are about, and what they let happen."""

import re
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

from ..model import Options, Resource, StackRule, Violation
from ..reading.cluster import SCALABLE, Workload, hides_objects, least_pods, of_kind, together, workloads
from ..reading.label_selectors import every, meets, some
from ..values import get, whole


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
        for key, blocks in (("minAvailable", _keeps_all), ("maxUnavailable", _spares_none)):
            value = get(budget.props, "spec", key)
            if blocks(value, pods):
                path = ("spec", key)
                message = f"{budget.quoted(path)} lets no pod be evicted"
                yield Violation(path=path, message=message, resource=budget)


def _covers(budget: Resource, workload: Workload) -> bool | None:
    selector = get(budget.props, "spec", "selector")
    selects = False if selector is None else meets(workload.labels, selector)
    return every([together(budget, workload.resource), selects])


def _pods(budget: Resource, resources: Sequence[Resource]) -> int | None:
    """The fewest pods that a budget is about; None where that is unknown."""
    total = 0
    for workload in workloads(resources):
        covered = _covers(budget, workload)
        if covered is False:
            continue
        counts = [count for _, _, count in least_pods(workload, resources)]
        if not covered or (workload.resource.group, workload.resource.kind) not in SCALABLE or not counts:
            return None
        known = [count for count in counts if count is not None]
        if len(known) < len(counts):
            return None
        total += min(known)
    return total


def _keeps_all(value: Any, pods: int | None) -> bool:
    """Whether minAvailable is all there is. A share is rounded up, as the cluster does."""
    count, percent = whole(value), _percent(value)
    if percent is not None:
        return percent >= 100 or bool(pods and percent and ceil(percent * pods / 100) >= pods)
    return bool(count and pods and count >= pods)


def _spares_none(value: Any, _pods: int | None) -> bool:
    return whole(value) == 0 or _percent(value) == 0


def _percent(value: Any) -> int | None:
    return int(value[:-1]) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}%", value) else None


RULES: tuple[StackRule, ...] = (
    StackRule(
        name="availability-budget-selector",
        asks="A PodDisruptionBudget selects pods of the stack.",
        why="A budget that selects nothing protects nothing.",
        remedy="Select labels that the pod template of a workload in the same namespace has.",
        example="spec: {maxUnavailable: 1, selector: {matchLabels: {app: shop}}}",
        severity="high",
        check=_selects,
    ),
    StackRule(
        name="availability-budget-evictions",
        asks="A PodDisruptionBudget lets at least one of the fewest pods there are be evicted.",
        why="A budget that keeps every pod blocks each drain of a node, and with it each upgrade.",
        remedy="Set maxUnavailable: 1, or minAvailable below the number of replicas.",
        example="spec: {maxUnavailable: 1, selector: {matchLabels: {app: shop}}}",
        severity="high",
        check=_evictions,
    ),
)
