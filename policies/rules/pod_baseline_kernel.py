"""The baseline Pod Security Standard: kernel features that pods may use.

pod_baseline.py has its controls of access to the node.
"""

from collections.abc import Iterator
from typing import Any

from ..model import ResourceRule, Violation
from ..reading.pod_fields import EACH, Fields, in_containers, in_pod, in_security_contexts, only, union
from ..reading.workloads import Pod, each_pod, may_have_own_users
from ..values import UNKNOWN, Path, entries, get, text

CAPABILITIES = (
    *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
    *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
)
_PROFILES = ("RuntimeDefault", "Localhost")
SYSCTLS = (
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_notsent_lowat",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_slow_start_after_idle",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
)
_TYPES = ("container_t", "container_init_t", "container_kvm_t", "container_engine_t")
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


def _profiles(field: str) -> Fields:
    """Types of the profiles in security contexts; None for a profile without a type."""

    def fields(pod: Pod) -> Iterator[tuple[Path, Any]]:
        for path, profile in in_security_contexts(field)(pod):
            if profile is not None:
                yield (*path, "type"), get(profile, "type")

    return fields


_apparmor_fields = only(_profiles("appArmorProfile"), _PROFILES, "is {}, not RuntimeDefault or Localhost")


def _apparmor(pod: Pod) -> Iterator[Violation]:
    yield from _apparmor_fields(pod)
    for key, value in entries(get(pod.metadata, "annotations")).items():
        default = value in (None, UNKNOWN, "", "runtime/default")
        if key.startswith(_APPARMOR) and not default and not (text(value) or "").startswith("localhost/"):
            path = (*pod.path, "metadata", "annotations", key)
            message = f"is {pod.resource.quote(path)}, not runtime/default or localhost/…"
            yield Violation(path=path, message=message)


_selinux_type = only(
    in_security_contexts("seLinuxOptions", "type"),
    (None, "", *_TYPES),
    "is {}, which is not a container type",
)
_selinux_names = only(
    union(in_security_contexts("seLinuxOptions", "user"), in_security_contexts("seLinuxOptions", "role")),
    (None, ""),
    "is {}, and must not be set",
)


def _selinux(pod: Pod) -> Iterator[Violation]:
    yield from _selinux_type(pod)
    yield from _selinux_names(pod)


proc_mount = only(in_containers("securityContext", "procMount"), (None, "Default"), "is {}, not Default")
"""Finds containers whose /proc is not masked."""


def _proc_mount(pod: Pod) -> Iterator[Violation]:
    if not may_have_own_users(pod):
        yield from proc_mount(pod)


seccomp = only(_profiles("seccompProfile"), _PROFILES, "is {}, not RuntimeDefault or Localhost")
"""Finds profiles that are Unconfined, or of an unknown type."""


RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="pod-capabilities",
        asks="Containers add no capability beyond the default ones.",
        why="Capabilities such as SYS_ADMIN allow a process to escape the container.",
        remedy="Remove the capability from add, or use one of: " + ", ".join(CAPABILITIES) + ".",
        example="spec: {containers: [{name: app, securityContext: {capabilities: {add: [CHOWN]}}}]}",
        severity="high",
        control="Capabilities",
        standard="baseline",
        check=each_pod(
            only(
                in_containers("securityContext", "capabilities", "add", EACH),
                CAPABILITIES,
                "adds {}, which is not among the default capabilities",
            )
        ),
    ),
    ResourceRule(
        name="pod-apparmor",
        asks="AppArmor profiles are the runtime's default, or a local one of the node.",
        why="Without a profile, AppArmor restricts nothing in the container.",
        remedy="Remove the profile, or set its type to RuntimeDefault or Localhost.",
        example="spec: {securityContext: {appArmorProfile: {type: RuntimeDefault}}}",
        severity="medium",
        control="AppArmor",
        standard="baseline",
        check=each_pod(_apparmor),
    ),
    ResourceRule(
        name="pod-selinux",
        asks="SELinux types are container types, and user and role are not set.",
        why="With another type, user or role the container escapes its SELinux confinement.",
        remedy="Remove seLinuxOptions, or set type to one of: " + ", ".join(_TYPES) + ".",
        example="spec: {securityContext: {seLinuxOptions: {type: container_t}}}",
        severity="medium",
        control="SELinux",
        standard="baseline",
        check=each_pod(_selinux),
    ),
    ResourceRule(
        name="pod-proc-mount",
        asks="/proc is mounted with its default masks, except in pods with a user namespace.",
        why="Without the masks, a container can read and change kernel settings of the node.",
        remedy="Remove procMount; a pod that needs an unmasked /proc sets hostUsers: false.",
        example="spec: {containers: [{name: app, securityContext: {procMount: Default}}]}",
        severity="medium",
        control="/proc Mount Type",
        standard="baseline",
        check=each_pod(_proc_mount),
    ),
    ResourceRule(
        name="pod-seccomp",
        asks="No seccomp profile is Unconfined.",
        why="An unconfined container may make every system call, and so exploit any kernel bug.",
        remedy="Set seccompProfile.type to RuntimeDefault or Localhost.",
        example="spec: {securityContext: {seccompProfile: {type: RuntimeDefault}}}",
        severity="medium",
        control="Seccomp",
        standard="baseline",
        check=each_pod(seccomp),
    ),
    ResourceRule(
        name="pod-sysctls",
        asks="Pods set only sysctls that affect just the pod.",
        why="Other sysctls change the node's kernel for every pod on it.",
        remedy="Remove the sysctl, or use one of: " + ", ".join(SYSCTLS) + ".",
        example="spec: {securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: '1'}]}}",
        severity="medium",
        control="Sysctls",
        standard="baseline",
        check=each_pod(
            only(
                in_pod("securityContext", "sysctls", EACH, "name"), SYSCTLS, "{} may affect more than the pod"
            )
        ),
    ),
)
