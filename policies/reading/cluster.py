"""What a stack puts into a cluster, and which of it belongs together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..model import Resource
from ..values import UNKNOWN, Path, entries, get, whole
from .label_selectors import Verdict, every, has_labels, meets, same, some
from .workloads import TEMPLATES

SCALABLE = {
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "ReplicaSet"),
    ("core", "ReplicationController"),
    ("argoproj.io", "Rollout"),
}
"""Workloads that keep a number of equal pods."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Something that makes pods, or a Pod."""

    resource: Resource
    path: Path
    """Of the pod template; empty for a Pod."""

    @property
    def labels(self) -> Any:
        """Labels of its pods; UNKNOWN where they are."""
        return get(self.resource.props, *self.path, "metadata", "labels")

    @property
    def spec(self) -> Any:
        """PodSpec of its pods; UNKNOWN where it is."""
        return get(self.resource.props, *self.path, "spec")


def workloads(resources: Sequence[Resource]) -> Iterator[Workload]:
    """All that makes pods, what is unknown about it or not."""
    for resource in resources:
        path = TEMPLATES.get((resource.group, resource.kind))
        if path is not None:
            yield Workload(resource=resource, path=path)


def scalable(resources: Sequence[Resource]) -> Iterator[Workload]:
    """Workloads that keep a number of equal pods."""
    return (each for each in workloads(resources) if (each.resource.group, each.resource.kind) in SCALABLE)


def of_kind(resources: Sequence[Resource], group: str, kind: str) -> Iterator[Resource]:
    """Resources of one kind, in any version."""
    return (resource for resource in resources if resource.group == group and resource.kind == kind)


def together(one: Resource, other: Resource) -> Verdict:
    """Whether two are in one namespace. Where one names none, the cluster's default decides."""
    names = [get(resource.props, "metadata", "namespace") for resource in (one, other)]
    return None if names[0] != names[1] and None in names else same(*names)


def refers(holder: Resource, reference: Any, target: Resource) -> Verdict:
    """Whether a reference by name, and by apiVersion and kind if given, means a resource in its namespace."""
    name = get(target.props, "metadata", "name")
    kind, version = get(reference, "kind"), get(reference, "apiVersion")
    group = version.rpartition("/")[0] or "core" if isinstance(version, str) else version
    return every(
        [
            True if kind is None else same(kind, target.kind),
            True if group is None else same(group, target.group),
            None if name is None else same(get(reference, "name"), name),
            together(holder, target),
        ]
    )


def targets(scaler: Resource, target: Resource) -> Verdict:
    """Whether a HorizontalPodAutoscaler sets the replicas of a workload."""
    return refers(scaler, get(scaler.props, "spec", "scaleTargetRef"), target)


def scalers(resources: Sequence[Resource]) -> list[Resource]:
    """HorizontalPodAutoscalers."""
    return list(of_kind(resources, "autoscaling", "HorizontalPodAutoscaler"))


def least_pods(
    workload: Workload, resources: Sequence[Resource]
) -> Iterator[tuple[Resource, str, int | None]]:
    """The fewest pods of a workload: which resource says so, with which key of its spec, and how many.

    None where that is unknown; nothing where it is unknown who says so, or KEDA does.
    """
    verdicts = [(scaler, targets(scaler, workload.resource)) for scaler in scalers(resources)]
    said_by = [(scaler, "minReplicas") for scaler, verdict in verdicts if verdict]
    others = [targets(scaler, workload.resource) for scaler in of_kind(resources, "keda.sh", "ScaledObject")]
    if not said_by and all(verdict is False for verdict in [*(verdict for _, verdict in verdicts), *others]):
        said_by = [(workload.resource, "replicas")]
    for holder, key in said_by:
        count = get(holder.props, "spec", key)
        yield holder, key, 1 if count is None else whole(count)


def services(resources: Sequence[Resource]) -> Iterator[Resource]:
    """Services that send requests to pods, not to a name elsewhere."""
    for service in of_kind(resources, "core", "Service"):
        if get(service.props, "spec", "type") not in (UNKNOWN, "ExternalName"):
            yield service


def network_policies(resources: Sequence[Resource]) -> Iterator[Resource]:
    """NetworkPolicies of Kubernetes itself."""
    return of_kind(resources, "networking.k8s.io", "NetworkPolicy")


def takes(service: Resource, workload: Workload) -> Verdict:
    """Whether a Service sends requests to the pods of a workload."""
    selector = get(service.props, "spec", "selector")
    found = has_labels(workload.labels, selector) if selector is UNKNOWN or entries(selector) else False
    return every([together(service, workload.resource), found])


def isolates(policy: Resource, workload: Workload) -> Verdict:
    """Whether a NetworkPolicy is about the pods of a workload."""
    selected = meets(workload.labels, get(policy.props, "spec", "podSelector"))
    return every([together(policy, workload.resource), selected])


def hides_objects(resources: Sequence[Resource]) -> Verdict:
    """None if a Helm release brings objects that cannot be seen, otherwise False."""
    found = some(resource.group == "helm.sh" and resource.kind == "Release" for resource in resources)
    return None if found else False
