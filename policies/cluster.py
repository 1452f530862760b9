"""What a stack puts into a cluster, and which of it belongs together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .label_selectors import Verdict, every, same, some
from .model import Resource
from .values import Path, get
from .workloads import TEMPLATES


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


def hides_objects(resources: Sequence[Resource]) -> Verdict:
    """None if a Helm release brings objects that cannot be seen, otherwise False."""
    found = some(resource.group == "helm.sh" and resource.kind == "Release" for resource in resources)
    return None if found else False
