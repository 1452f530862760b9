"""Selectors that find what they look for."""

from collections.abc import Iterator, Sequence

from .cluster import Workload, hides_objects, of_kind, together, workloads
from .label_selectors import Verdict, every, has_labels, is_empty, meets, some
from .model import Options, Resource, StackRule, Violation
from .values import UNKNOWN, Path, entries, get


def takes(service: Resource, workload: Workload) -> Verdict:
    """Whether a Service sends requests to the pods of a workload."""
    selector = get(service.props, "spec", "selector")
    found = has_labels(workload.labels, selector) if selector is UNKNOWN or entries(selector) else False
    return every([together(service, workload.resource), found])


def isolates(policy: Resource, workload: Workload) -> Verdict:
    """Whether a NetworkPolicy is about the pods of a workload."""
    selected = meets(workload.labels, get(policy.props, "spec", "podSelector"))
    return every([together(policy, workload.resource), selected])


def _selectors(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
    found = list(workloads(resources))
    unseen = hides_objects(resources)
    for service in services(resources):
        if entries(get(service.props, "spec", "selector")):
            finds = some([unseen, *(takes(service, workload) for workload in found)])
            yield from _nothing(service, ("spec", "selector"), finds)
    for policy in of_kind(resources, "networking.k8s.io", "NetworkPolicy"):
        if is_empty(get(policy.props, "spec", "podSelector")) is False:
            finds = some([unseen, *(isolates(policy, workload) for workload in found)])
            yield from _nothing(policy, ("spec", "podSelector"), finds)
    for workload in found:
        if _finds_its_own(workload) is False:
            message = "does not select the labels of its own pod template"
            yield Violation(path=("spec", "selector"), message=message, resource=workload.resource)


def services(resources: Sequence[Resource]) -> Iterator[Resource]:
    """Services that send requests to pods, not to a name elsewhere."""
    for service in of_kind(resources, "core", "Service"):
        if get(service.props, "spec", "type") not in (UNKNOWN, "ExternalName"):
            yield service


def _nothing(resource: Resource, path: Path, finds: Verdict) -> Iterator[Violation]:
    if finds is False:
        message = "selects no pods of this stack in its namespace"
        yield Violation(path=path, message=message, resource=resource)


def _finds_its_own(workload: Workload) -> Verdict:
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
        why="A Service that selects nothing answers nobody, and such a NetworkPolicy protects nobody.",
        remedy="Select labels that the pod template of a workload in the same namespace has.",
        example="spec: {selector: {app: shop}}",
        severity="high",
        check=_selectors,
    ),
)
