"""What the kernel lets pods do: the baseline Pod Security Standard.

Its other half, what pods have of the node, is in pod_baseline.py.
"""

from collections.abc import Iterator
from typing import Any

from ..model import ResourceRule, Violation
from ..reading.pod_fields import EACH, Fields, in_containers, in_pod, in_security_contexts, only, together
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
    """Types of the profiles that security contexts set; a profile without a type counts, as None."""

    def found(pod: Pod) -> Iterator[tuple[Path, Any]]:
        for path, profile in in_security_contexts(field)(pod):
            if profile is not None:
                yield (*path, "type"), get(profile, "type")

    return found


_apparmor_fields = only(_profiles("appArmorProfile"), _PROFILES, "is {}, not RuntimeDefault or Localhost")


def _apparmor(pod: Pod) -> Iterator[Violation]:
    yield from _apparmor_fields(pod)
    for key, value in entries(get(pod.metadata, "annotations")).items():
        default = value in (None, UNKNOWN, "", "runtime/default")
        if key.startswith(_APPARMOR) and not default and not (text(value) or "").startswith("localhost/"):
            path = (*pod.path, "metadata", "annotations", key)
            message = f"is {pod.resource.quoted(path)}, not runtime/default or localhost/…"
            yield Violation(path=path, message=message)


_selinux_type = only(
    in_security_contexts("seLinuxOptions", "type"), (None, "", *_TYPES), "is {}, no type of containers"
)
_selinux_names = only(
    together(in_security_contexts("seLinuxOptions", "user"), in_security_contexts("seLinuxOptions", "role")),
    (None, ""),
    "is {}, where the runtime's own belongs",
)


def _selinux(pod: Pod) -> Iterator[Violation]:
    yield from _selinux_type(pod)
    yield from _selinux_names(pod)


proc_mount = only(in_containers("securityContext", "procMount"), (None, "Default"), "is {}, not Default")
"""Finds where /proc is mounted without its masks."""


def _proc_mount(pod: Pod) -> Iterator[Violation]:
    if not may_have_own_users(pod):
        yield from proc_mount(pod)


seccomp = only(_profiles("seccompProfile"), _PROFILES, "is {}, not RuntimeDefault or Localhost")
"""Finds profiles that let a container make any system call, or one that nobody knows."""


RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="pod-capabilities",
        asks="Containers add no capability beyond the default ones.",
        why="NET_RAW, SYS_ADMIN and their like open ways out of the container.",
        remedy="Remove the capability from add, or take one of: " + ", ".join(CAPABILITIES) + ".",
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
        asks="AppArmor stays on: profiles are the runtime's default, or one installed on the node.",
        why="Without a profile the container may make every call AppArmor is there to stop.",
        remedy="Remove the profile, or set its type to RuntimeDefault or Localhost.",
        example="spec: {securityContext: {appArmorProfile: {type: RuntimeDefault}}}",
        severity="medium",
        control="AppArmor",
        standard="baseline",
        check=each_pod(_apparmor),
    ),
    ResourceRule(
        name="pod-selinux",
        asks="SELinux types are those of containers, and user and role are not set.",
        why="Another type, user or role takes the container out of what SELinux keeps it in.",
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
        why="Unmasked, /proc shows the node's kernel and lets it be changed.",
        remedy="Remove procMount; a pod that needs /proc whole takes hostUsers: false.",
        example="spec: {containers: [{name: app, securityContext: {procMount: Default}}]}",
        severity="medium",
        control="/proc Mount Type",
        standard="baseline",
        check=each_pod(_proc_mount),
    ),
    ResourceRule(
        name="pod-seccomp",
        asks="No seccomp profile is Unconfined.",
        why="Unconfined, a container may make every system call, and so reach every bug of the kernel.",
        remedy="Set seccompProfile.type to RuntimeDefault or Localhost.",
        example="spec: {securityContext: {seccompProfile: {type: RuntimeDefault}}}",
        severity="medium",
        control="Seccomp",
        standard="baseline",
        check=each_pod(seccomp),
    ),
    ResourceRule(
        name="pod-sysctls",
        asks="Pods set only sysctls that stay inside the pod.",
        why="Other sysctls change the node's kernel for every pod on it.",
        remedy="Remove the sysctl, or take one of: " + ", ".join(SYSCTLS) + ".",
        example="spec: {securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: '1'}]}}",
        severity="medium",
        control="Sysctls",
        standard="baseline",
        check=each_pod(
            only(in_pod("securityContext", "sysctls", EACH, "name"), SYSCTLS, "{} may reach beyond the pod")
        ),
    ),
)
