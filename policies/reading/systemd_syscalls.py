"""System call groups of systemd 252 on x86-64, as far as the exposure of a service depends on them."""

from .systemd_unit import Settings

WEIGHTS = {
    "@swap": 1000,
    "@obsolete": 250,
    "@clock": 1000,
    "@cpu-emulation": 250,
    "@debug": 1000,
    "@mount": 1000,
    "@module": 1000,
    "@raw-io": 1000,
    "@reboot": 1000,
    "@privileged": 700,
    "@resources": 700,
}
"""Rated groups, with their weight."""

# Only system calls of rated groups; groups without any, such as @basic-io, are left out.
_GROUPS = {
    "@chown": "chown fchown fchownat lchown",
    "@clock": "adjtimex clock_adjtime clock_settime settimeofday",
    "@cpu-emulation": "modify_ldt",
    "@debug": "lookup_dcookie perf_event_open pidfd_getfd ptrace",
    "@module": "delete_module finit_module init_module",
    "@mount": (
        "chroot fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree pivot_root umount2"
    ),
    "@obsolete": (
        "_sysctl afs_syscall create_module get_kernel_syms getpmsg putpmsg query_module security sysfs"
        " tuxcall uselib ustat vserver"
    ),
    "@privileged": (
        "@chown @clock @module @raw-io @reboot @swap _sysctl acct bpf capset chroot fanotify_init"
        " fanotify_mark nfsservctl open_by_handle_at pivot_root quotactl quotactl_fd setdomainname setfsuid"
        " setgroups sethostname setresuid setreuid setuid vhangup"
    ),
    "@raw-io": "ioperm iopl",
    "@reboot": "kexec_file_load kexec_load reboot",
    "@resources": (
        "ioprio_set mbind migrate_pages move_pages sched_setaffinity sched_setattr sched_setparam"
        " sched_setscheduler set_mempolicy set_mempolicy_home_node setpriority setrlimit"
    ),
    "@setuid": "setgroups setresuid setreuid setuid",
    "@swap": "swapoff swapon",
    "@system-service": "@chown @resources @setuid capset setfsuid",
}


def _calls(name: str) -> set[str]:
    """System calls of a group; a name that is not a group stands for itself."""
    if not name.startswith("@"):
        return {name}
    return {call for member in _GROUPS.get(name, "").split() for call in _calls(member)}


_KNOWN = {name: _calls(name) for name in _GROUPS} | {"@known": {c for name in _GROUPS for c in _calls(name)}}


def open_groups(service: Settings) -> dict[str, int]:
    """Badness of each rated group, 0 to 10; 0 if none of its system calls is allowed."""
    listed, only = _filter(service)
    if not only and not listed:
        return dict.fromkeys(WEIGHTS, 10)
    return {name: _badness(_KNOWN[name], listed, only) for name in WEIGHTS}


def _badness(group: set[str], listed: set[str], only: bool) -> int:
    if only:
        return 9 if group & listed else 0
    return 0 if group <= listed else 10


def _filter(service: Settings) -> tuple[set[str], bool]:
    """System calls that SystemCallFilter lists, and whether it allows only those or denies those."""
    listed: set[str] | None = None
    only = False
    for value in service.get("SystemCallFilter", []):
        if not value:
            listed, only = None, False
            continue
        denies = value.startswith("~")
        if listed is None:
            listed, only = set[str](), not denies
        for word in value.removeprefix("~").split():
            name, sign, _ = word.partition(":")
            if sign and not denies:
                continue  # systemd ignores entries with an error number in an allow-list
            calls = _KNOWN.get(name) or _calls(name)
            listed = listed | calls if denies != only else listed - calls
    return listed or set(), only
