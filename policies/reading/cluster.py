"""Kubernetes objects of a stack, and how they refer to each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..model import Resource
from ..values import UNKNOWN, Path, entries, get, whole_number
from .label_selectors import Verdict, every, has_labels, meets, same, some
from .workloads import TEMPLATES

SCALABLE = {
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "ReplicaSet"),
    ("core", "ReplicationController"),
    ("argoproj.io", "Rollout"),
}
"""Kinds with a number of replicas, by API group and kind."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """An object with a pod template, or a Pod."""

    resource: Resource
    path: Path
    """Path of the pod template; empty for a Pod."""

    @property
    def labels(self) -> Any:
        """Labels of its pods; may be UNKNOWN."""
        return get(self.resource.props, *self.path, "metadata", "labels")

    @property
    def spec(self) -> Any:
        """PodSpec of its pods; may be UNKNOWN."""
        return get(self.resource.props, *self.path, "spec")


def workloads(resources: Sequence[Resource]) -> Iterator[Workload]:
    """All workloads, including those with an unknown template."""
    for resource in resources:
        path = TEMPLATES.get((resource.group, resource.kind))
        if path is not None:
            yield Workload(resource=resource, path=path)


def scalable(resources: Sequence[Resource]) -> Iterator[Workload]:
    """Kinds with a number of replicas, by API group and kind."""
    return (each for each in workloads(resources) if (each.resource.group, each.resource.kind) in SCALABLE)


def of_kind(resources: Sequence[Resource], group: str, kind: str) -> Iterator[Resource]:
    """Resources of a kind, in any API version."""
    return (resource for resource in resources if resource.group == group and resource.kind == kind)


def in_same_namespace(one: Resource, other: Resource) -> Verdict:
    """Whether two resources share a namespace. None if only one of them names its namespace."""
    names = [get(resource.props, "metadata", "namespace") for resource in (one, other)]
    return None if names[0] != names[1] and None in names else same(*names)


def refers_to(holder: Resource, reference: Any, target: Resource) -> Verdict:
    """Whether a reference (name, optional kind and apiVersion) in `holder` means `target`."""
    name = get(target.props, "metadata", "name")
    kind, version = get(reference, "kind"), get(reference, "apiVersion")
    group = version.rpartition("/")[0] or "core" if isinstance(version, str) else version
    return every(
        [
            True if kind is None else same(kind, target.kind),
            True if group is None else same(group, target.group),
            None if name is None else same(get(reference, "name"), name),
            in_same_namespace(holder, target),
        ]
    )


def scales(scaler: Resource, target: Resource) -> Verdict:
    """Whether a HorizontalPodAutoscaler sets the replicas of a workload."""
    return refers_to(scaler, get(scaler.props, "spec", "scaleTargetRef"), target)


def scalers(resources: Sequence[Resource]) -> list[Resource]:
    """HorizontalPodAutoscalers."""
    return list(of_kind(resources, "autoscaling", "HorizontalPodAutoscaler"))


def min_pods(workload: Workload, resources: Sequence[Resource]) -> Iterator[tuple[Resource, str, int | None]]:
    """Minimum number of pods of a workload, from each resource that sets it: resource, spec key, number.

    The number is None if unknown. Empty if KEDA sets it, or if it is unknown which resource does.
    """
    verdicts = [(scaler, scales(scaler, workload.resource)) for scaler in scalers(resources)]
    set_by = [(scaler, "minReplicas") for scaler, verdict in verdicts if verdict]
    others = [scales(scaler, workload.resource) for scaler in of_kind(resources, "keda.sh", "ScaledObject")]
    if not set_by and all(verdict is False for verdict in [*(verdict for _, verdict in verdicts), *others]):
        set_by = [(workload.resource, "replicas")]
    for holder, key in set_by:
        count = get(holder.props, "spec", key)
        yield holder, key, 1 if count is None else whole_number(count)


def services(resources: Sequence[Resource]) -> Iterator[Resource]:
    """Services that route to pods; ExternalName does not."""
    for service in of_kind(resources, "core", "Service"):
        if get(service.props, "spec", "type") not in (UNKNOWN, "ExternalName"):
            yield service


def network_policies(resources: Sequence[Resource]) -> Iterator[Resource]:
    """Kubernetes' own NetworkPolicies."""
    return of_kind(resources, "networking.k8s.io", "NetworkPolicy")


def routes_to(service: Resource, workload: Workload) -> Verdict:
    """Whether a Service routes to the pods of a workload."""
    selector = get(service.props, "spec", "selector")
    found = has_labels(workload.labels, selector) if selector is UNKNOWN or entries(selector) else False
    return every([in_same_namespace(service, workload.resource), found])


def isolates(policy: Resource, workload: Workload) -> Verdict:
    """Whether a NetworkPolicy selects the pods of a workload."""
    selected = meets(workload.labels, get(policy.props, "spec", "podSelector"))
    return every([in_same_namespace(policy, workload.resource), selected])


def hides_objects(resources: Sequence[Resource]) -> Verdict:
    """None if a Helm release may install objects that are not visible here, else False."""
    found = some(resource.group == "helm.sh" and resource.kind == "Release" for resource in resources)
    return None if found else False
