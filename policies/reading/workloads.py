"""Pods and their containers, in Pod objects and in templates of workloads."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ..model import Options, Resource, ResourceCheck, Violation
from ..values import UNKNOWN, Path, entries, get, items

# Path of the pod template by API group and kind.
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
"""Paths of probes and lifecycle hooks in a container."""


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod, or a pod template."""

    resource: Resource
    """Resource that contains it."""
    path: Path
    """Path of the template; empty for a Pod."""
    metadata: Any
    """Labels and annotations."""
    spec: Any
    """PodSpec."""

    def at(self, *path: str | int) -> Path:
        """Converts a path in the pod spec to a path in the resource."""
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
        """Converts a path in the container to a path in the resource."""
        return self.pod.at(self.role, self.index, *path)


def pods(resource: Resource) -> Iterator[Pod]:
    """The pod or template of a resource; empty for other kinds, or if the spec is unknown."""
    path = TEMPLATES.get((resource.group, resource.kind))
    if path is None:
        return
    template = get(resource.props, *path)
    spec = get(template, "spec")
    if isinstance(spec, dict):
        yield Pod(resource=resource, path=path, metadata=entries(get(template, "metadata")), spec=spec)


def containers(pod: Pod, *roles: ContainerRole) -> Iterator[Container]:
    """Containers of a pod with the given roles; without roles, all."""
    for role in roles or ROLES:
        for index, props in enumerate(items(get(pod.spec, role))):
            yield Container(pod=pod, role=role, index=index, props=props)


def may_run_windows(pod: Pod) -> bool:
    """Whether a pod runs Windows, or may: most of the security context has no effect there."""
    return get(pod.spec, "os", "name") in ("windows", UNKNOWN)


def may_have_own_users(pod: Pod) -> bool:
    """Whether a pod has a user namespace, or may: root in it is an ordinary user of the node."""
    return get(pod.spec, "hostUsers") in (False, UNKNOWN)


def is_long_running(pod: Pod) -> bool:
    """Whether a pod is meant to run forever: not a job, and always restarted."""
    always = get(pod.spec, "restartPolicy") in (None, "Always")
    return always and pod.resource.kind not in ("Job", "CronJob")


def each_pod(
    check: Callable[[Pod], Iterator[Violation]],
) -> Callable[[Resource, Options], Iterator[Violation]]:
    """Turns a check of pods into a check of resources."""

    def check_pods(resource: Resource, _options: Options) -> Iterator[Violation]:
        for pod in pods(resource):
            yield from check(pod)

    return check_pods


def each_container(check: Callable[[Container], Iterator[Violation]], *roles: ContainerRole) -> ResourceCheck:
    """Turns a check of containers into a check of resources."""

    def check_containers(resource: Resource, _options: Options) -> Iterator[Violation]:
        for pod in pods(resource):
            for container in containers(pod, *roles):
                yield from check(container)

    return check_containers
