"""The restricted Pod Security Standard, for hardened pods."""

from collections.abc import Iterator
from typing import Any

from ..model import Resource, ResourceRule, Violation
from ..reading.pod_fields import EACH, in_containers, in_security_contexts, only
from ..reading.workloads import Pod, containers, each_pod, may_have_own_users, may_run_windows, pods
from ..values import UNKNOWN, entries, get, is_set, items, put, whole_number
from .pod_baseline_kernel import proc_mount, seccomp

VOLUMES = (
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim"),
    *("projected", "secret"),
)


def _volumes(pod: Pod) -> Iterator[Violation]:
    for index, volume in enumerate(items(get(pod.spec, "volumes"))):
        # A volume with only a name is an emptyDir.
        sources = [name for name, value in entries(volume).items() if name != "name" and is_set(value)]
        if sources and all(get(volume, source) is None for source in VOLUMES):
            yield Violation(path=pod.at("volumes", index), message=f"is of type {', '.join(sources)}")


_escalation_fields = only(
    in_containers("securityContext", "allowPrivilegeEscalation"), (False,), "is {}, but has to be false"
)


def _escalation(pod: Pod) -> Iterator[Violation]:
    if not may_run_windows(pod):
        yield from _escalation_fields(pod)


def _unset(pod: Pod, field: str, message: str) -> Iterator[Violation]:
    """A violation for each container if neither it nor the pod sets a field of securityContext."""
    if get(pod.spec, "securityContext", field) is None:
        for container in containers(pod):
            if get(container.props, "securityContext", field) is None:
                yield Violation(path=container.at("securityContext", field), message=message)


_non_root_fields = only(in_security_contexts("runAsNonRoot"), (None, True), "is {}, but has to be true")


def _non_root(pod: Pod) -> Iterator[Violation]:
    if not may_have_own_users(pod):
        yield from _non_root_fields(pod)
        yield from _unset(pod, "runAsNonRoot", "is true neither here nor in the pod's securityContext")


def _non_root_user(pod: Pod) -> Iterator[Violation]:
    for path, user in in_security_contexts("runAsUser")(pod):
        if whole_number(user) == 0 and not may_have_own_users(pod):
            yield Violation(path=path, message="is 0, which is root")


def _seccomp(pod: Pod) -> Iterator[Violation]:
    if not may_run_windows(pod):
        yield from seccomp(pod)
        yield from _unset(pod, "seccompProfile", "is set neither here nor in the pod's securityContext")


_added_fields = only(
    in_containers("securityContext", "capabilities", "add", EACH),
    ("NET_BIND_SERVICE",),
    "adds {}, but only NET_BIND_SERVICE may be added",
)


def _capabilities(pod: Pod) -> Iterator[Violation]:
    if may_run_windows(pod):
        return
    for container in containers(pod):
        path = container.at("securityContext", "capabilities", "drop")
        dropped = get(pod.resource.props, *path)
        if dropped is not UNKNOWN and "ALL" not in items(dropped) and UNKNOWN not in items(dropped):
            yield Violation(path=path, message="does not drop ALL")
    yield from _added_fields(pod)


def _drop_all(resource: Resource) -> dict[str, Any] | None:
    props: Any = resource.props
    for pod in pods(resource):
        for violation in _capabilities(pod):
            dropped = get(props, *violation.path)
            if violation.path[-1] == "drop" and (dropped is None or isinstance(dropped, list)):
                props = put(props, violation.path, [*items(dropped), "ALL"])
    return props if props != resource.props else None


def _set_default_seccomp(resource: Resource) -> dict[str, Any] | None:
    props: Any = resource.props
    for pod in pods(resource):
        path = pod.at("securityContext", "seccompProfile")
        if get(props, *path) is None and any(_seccomp(pod)):
            props = put(props, path, {"type": "RuntimeDefault"})
    return props if props != resource.props else None


RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="pod-volume-types",
        asks="Volumes have one of these types: " + ", ".join(VOLUMES) + ".",
        why="Other types mount file systems of the node, or of servers that the pod chooses.",
        remedy="Use one of these types; a PersistentVolumeClaim works with any storage.",
        example="spec: {volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]}",
        severity="medium",
        control="Volume Types",
        standard="restricted",
        check=each_pod(_volumes),
    ),
    ResourceRule(
        name="pod-privilege-escalation",
        asks="No process in a container gains more privileges than its parent.",
        why="With a setuid file, a process becomes root in the container, the first step of an escape.",
        remedy="Set allowPrivilegeEscalation: false in the securityContext of every container.",
        example="spec: {containers: [{name: app, securityContext: {allowPrivilegeEscalation: false}}]}",
        severity="medium",
        control="Privilege Escalation",
        standard="restricted",
        check=each_pod(_escalation),
    ),
    ResourceRule(
        name="pod-non-root",
        asks="Containers set runAsNonRoot, except in pods with a user namespace.",
        why="Root in the container is root on the node for everything that is not namespaced.",
        remedy="Set runAsNonRoot: true for the pod and never to false, or set hostUsers: false for the pod.",
        example="spec: {securityContext: {runAsNonRoot: true}}",
        severity="high",
        control="Running as Non-root",
        standard="restricted",
        check=each_pod(_non_root),
    ),
    ResourceRule(
        name="pod-non-root-user",
        asks="runAsUser is not root, except in pods with a user namespace.",
        why="Root in the container is root on the node for everything that is not namespaced.",
        remedy="Set runAsUser to another user, leave it to the image, or set hostUsers: false for the pod.",
        example="spec: {securityContext: {runAsUser: 65534}}",
        severity="high",
        control="Running as Non-root user",
        standard="restricted",
        check=each_pod(_non_root_user),
    ),
    ResourceRule(
        name="pod-proc-mount-default",
        asks="/proc is mounted with its default masks, even in pods with a user namespace.",
        why="Without the masks, /proc exposes the node's kernel, also in a user namespace.",
        remedy="Remove procMount.",
        example="spec: {containers: [{name: app, securityContext: {procMount: Default}}]}",
        severity="medium",
        control="/proc Mount Type",
        standard="restricted",
        check=each_pod(proc_mount),
    ),
    ResourceRule(
        name="pod-seccomp-required",
        asks="Every container has a seccomp profile: RuntimeDefault or Localhost.",
        why="Without one, a container may make every system call, and so exploit any kernel bug.",
        remedy="Set seccompProfile.type to RuntimeDefault in the securityContext of the pod.",
        example="spec: {securityContext: {seccompProfile: {type: RuntimeDefault}}}",
        severity="medium",
        control="Seccomp",
        standard="restricted",
        check=each_pod(_seccomp),
        fix=_set_default_seccomp,
    ),
    ResourceRule(
        name="pod-capabilities-dropped",
        asks="Containers drop all capabilities, and add at most NET_BIND_SERVICE.",
        why="Each default capability is a privilege of root that a service does not need.",
        remedy="Set capabilities.drop to [ALL], and remove everything from add.",
        example="spec: {containers: [{name: app, securityContext: {capabilities: {drop: [ALL]}}}]}",
        severity="medium",
        control="Capabilities",
        standard="restricted",
        check=each_pod(_capabilities),
        fix=_drop_all,
    ),
)
