"""Pods wherever they stand: in a Pod, in the templates of workloads, in a list."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ..model import Options, Resource, ResourceCheck, Violation
from ..values import UNKNOWN, Path, entries, get, items

# Where the pod template is, by kind. ReplicationController and PodTemplate carry one too.
TEMPLATES: dict[tuple[str, str], Path] = {
    ("core", "Pod"): (),
    ("core", "PodTemplate"): ("template",),
    ("core", "ReplicationController"): ("spec", "template"),
    ("apps", "Deployment"): ("spec", "template"),
    ("apps", "StatefulSet"): ("spec", "template"),
    ("apps", "DaemonSet"): ("spec", "template"),
    ("apps", "ReplicaSet"): ("spec", "template"),
    ("batch", "Job"): ("spec", "template"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    ("argoproj.io", "Rollout"): ("spec", "template"),
}

ContainerRole = Literal["containers", "initContainers", "ephemeralContainers"]
ROLES: tuple[ContainerRole, ...] = ("containers", "initContainers", "ephemeralContainers")

HOOKS: tuple[tuple[str, ...], ...] = (
    *(("livenessProbe",), ("readinessProbe",), ("startupProbe",)),
    *(("lifecycle", "postStart"), ("lifecycle", "preStop")),
)
"""Where a container says what the kubelet does to it, as paths in its properties."""


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod, or the template of some."""

    resource: Resource
    """What it stands in."""
    path: Path
    """Of the template; empty for a Pod itself."""
    metadata: Any
    """Labels and annotations."""
    spec: Any
    """PodSpec."""

    def at(self, *path: str | int) -> Path:
        """Path in the resource of a path in the pod spec."""
        return (*self.path, "spec", *path)


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container of a pod."""

    pod: Pod
    role: ContainerRole
    index: int
    props: Any
    """Container properties; may be of any type."""

    def at(self, *path: str | int) -> Path:
        """Path in the resource of a path in the container."""
        return self.pod.at(self.role, self.index, *path)


def pods(resource: Resource) -> Iterator[Pod]:
    """The pod or template of a resource; none of other kinds, or where it is not known."""
    path = TEMPLATES.get((resource.group, resource.kind))
    if path is None:
        return
    template = get(resource.props, *path)
    spec = get(template, "spec")
    if isinstance(spec, dict):
        yield Pod(resource=resource, path=path, metadata=entries(get(template, "metadata")), spec=spec)


def containers(pod: Pod, *roles: ContainerRole) -> Iterator[Container]:
    """Containers of a pod; all roles unless some are named."""
    for role in roles or ROLES:
        for index, props in enumerate(items(get(pod.spec, role))):
            yield Container(pod=pod, role=role, index=index, props=props)


def may_run_windows(pod: Pod) -> bool:
    """Whether a pod runs Windows, or may: a good part of the security context means nothing there."""
    return get(pod.spec, "os", "name") in ("windows", UNKNOWN)


def may_have_own_users(pod: Pod) -> bool:
    """Whether a pod has a user namespace, or may have: root in it is an ordinary user of the node."""
    return get(pod.spec, "hostUsers") in (False, UNKNOWN)


def is_long_running(pod: Pod) -> bool:
    """Whether a pod is there to stay: no job, and started again whenever it ends."""
    always = get(pod.spec, "restartPolicy") in (None, "Always")
    return always and pod.resource.kind not in ("Job", "CronJob")


def each_pod(
    check: Callable[[Pod], Iterator[Violation]],
) -> Callable[[Resource, Options], Iterator[Violation]]:
    """A check of pods as a check of resources."""

    def checked(resource: Resource, _options: Options) -> Iterator[Violation]:
        for pod in pods(resource):
            yield from check(pod)

    return checked


def each_container(check: Callable[[Container], Iterator[Violation]], *roles: ContainerRole) -> ResourceCheck:
    """A check of containers as a check of resources."""

    def checked(resource: Resource, _options: Options) -> Iterator[Violation]:
        for pod in pods(resource):
            for container in containers(pod, *roles):
                yield from check(container)

    return checked
