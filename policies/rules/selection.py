"""Selectors that match pods of the stack."""

from collections.abc import Iterator, Sequence

from ..model import Options, Resource, StackRule, Violation
from ..reading.cluster import (
    Workload,
    hides_objects,
    isolates,
    network_policies,
    routes_to,
    services,
    workloads,
)
from ..reading.label_selectors import Verdict, has_labels, is_empty, meets, some
from ..values import Path, entries, get


def _selectors(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
    found = list(workloads(resources))
    unseen = hides_objects(resources)
    for service in services(resources):
        if entries(get(service.props, "spec", "selector")):
            finds = some([unseen, *(routes_to(service, workload) for workload in found)])
            yield from _unmatched(service, ("spec", "selector"), finds)
    for policy in network_policies(resources):
        if is_empty(get(policy.props, "spec", "podSelector")) is False:
            finds = some([unseen, *(isolates(policy, workload) for workload in found)])
            yield from _unmatched(policy, ("spec", "podSelector"), finds)
    for workload in found:
        if _selects_own_pods(workload) is False:
            message = "does not select the labels of its own pod template"
            yield Violation(path=("spec", "selector"), message=message, resource=workload.resource)


def _unmatched(resource: Resource, path: Path, finds: Verdict) -> Iterator[Violation]:
    if finds is False:
        message = "selects no pods of this stack in its namespace"
        yield Violation(path=path, message=message, resource=resource)


def _selects_own_pods(workload: Workload) -> Verdict:
    props = workload.resource.props
    selector = get(props, "spec", "selector") if workload.resource.kind != "Pod" else None
    if selector is None or get(props, *workload.path) is None:
        return None
    if workload.resource.kind == "ReplicationController":
        return has_labels(workload.labels, selector)
    return meets(workload.labels, selector)


RULES: tuple[StackRule, ...] = (
    StackRule(
        name="availability-selectors",
        asks="Selectors of Services, NetworkPolicies and workloads select pods of the stack.",
        why="A Service that selects no pods serves no requests, and such a NetworkPolicy protects nothing.",
        remedy="Select labels of the pod template of a workload in the same namespace.",
        example="spec: {selector: {app: shop}}",
        severity="high",
        check=_selectors,
    ),
)
