"""Systemd settings that are sets: capabilities, namespaces and address families."""

from .systemd_unit import Settings, boolean, flag

CAPABILITIES: dict[str, tuple[int, frozenset[str]]] = {
    name: (weight, frozenset(members.split()))
    for name, weight, members in (
        ("CAP_SYS_ADMIN", 1500, "SYS_ADMIN"),
        ("CAP_SET(UID|GID|PCAP)", 1500, "SETUID SETGID SETPCAP"),
        ("CAP_SYS_PTRACE", 1500, "SYS_PTRACE"),
        ("CAP_SYS_TIME", 1000, "SYS_TIME"),
        ("CAP_NET_ADMIN", 1000, "NET_ADMIN"),
        ("CAP_SYS_RAWIO", 1000, "SYS_RAWIO"),
        ("CAP_SYS_MODULE", 1000, "SYS_MODULE"),
        ("CAP_AUDIT_*", 500, "AUDIT_CONTROL AUDIT_READ AUDIT_WRITE"),
        ("CAP_SYSLOG", 500, "SYSLOG"),
        ("CAP_SYS_(NICE|RESOURCE)", 500, "SYS_NICE SYS_RESOURCE"),
        ("CAP_MKNOD", 500, "MKNOD"),
        ("CAP_(CHOWN|FSETID|SETFCAP)", 1000, "CHOWN FSETID SETFCAP"),
        ("CAP_(DAC_*|FOWNER|IPC_OWNER)", 1000, "DAC_OVERRIDE DAC_READ_SEARCH FOWNER IPC_OWNER"),
        ("CAP_KILL", 500, "KILL"),
        ("CAP_NET_(BIND_SERVICE|BROADCAST|RAW)", 500, "NET_BIND_SERVICE NET_BROADCAST NET_RAW"),
        ("CAP_SYS_BOOT", 100, "SYS_BOOT"),
        ("CAP_MAC_*", 100, "MAC_ADMIN MAC_OVERRIDE"),
        ("CAP_LINUX_IMMUTABLE", 75, "LINUX_IMMUTABLE"),
        ("CAP_IPC_LOCK", 50, "IPC_LOCK"),
        ("CAP_SYS_CHROOT", 50, "SYS_CHROOT"),
        ("CAP_BLOCK_SUSPEND", 25, "BLOCK_SUSPEND"),
        ("CAP_WAKE_ALARM", 25, "WAKE_ALARM"),
        ("CAP_LEASE", 25, "LEASE"),
        ("CAP_SYS_TTY_CONFIG", 25, "SYS_TTY_CONFIG"),
        ("CAP_SYS_PACCT", 25, "SYS_PACCT"),
        ("CAP_BPF", 25, "BPF"),
    )
}
"""Groups of capabilities, with weight and members."""
_EVERY = frozenset[str]().union(*(members for _, members in CAPABILITIES.values()))

NAMESPACES = {"user": 1500, "mnt": 500, "ipc": 500, "pid": 500, "cgroup": 500, "net": 500, "uts": 100}
_FAMILIES = {
    "AF_INET": "inet",
    "AF_INET6": "inet",
    "AF_UNIX": "unix",
    "AF_NETLINK": "netlink",
    "AF_PACKET": "packet",
}

# Capabilities that a setting removes.
_REMOVED = {
    "PrivateDevices": {"MKNOD", "SYS_RAWIO"},
    "ProtectKernelModules": {"SYS_MODULE"},
    "ProtectKernelLogs": {"SYSLOG"},
    "ProtectClock": {"SYS_TIME", "WAKE_ALARM"},
}


def allowed_capabilities(service: Settings) -> frozenset[str]:
    """Rated capabilities in the bounding set, without the prefix CAP_."""
    left = _EVERY
    for value in service.get("CapabilityBoundingSet", []):
        named = {word.upper().removeprefix("CAP_") for word in value.lstrip("~").split()}
        if value.startswith("~"):
            left = left - named if named else _EVERY
        elif left == _EVERY or not named:
            left = frozenset(named)  # the first list is the set; an empty value clears it
        else:
            left |= named
    return left - {name for setting, taken in _REMOVED.items() if flag(service, setting) for name in taken}


def allowed_namespaces(service: Settings) -> set[str]:
    """Namespaces that a service may create."""
    every = set(NAMESPACES)
    left: set[str] | None = None
    for value in service.get("RestrictNamespaces", []):
        named = set(value.lstrip("~").split()) & every
        if not value:
            left = None
        elif (yes := boolean(value)) is not None:
            left = set[str]() if yes else every
        elif value.startswith("~"):
            left = (every if left is None else left) - named
        else:
            left = named | (left or set[str]())
    return every if left is None else left


def open_families(service: Settings) -> set[str]:
    """Rated groups of address families that a service may use."""
    named: set[str] | None = None
    only = False
    for value in service.get("RestrictAddressFamilies", []):
        if value in ("", "none"):
            named, only = None, value == "none"
            continue
        denies, words = value.startswith("~"), set(value.removeprefix("~").split())
        if named is None:
            named, only = set[str](), not denies
        named = named - words if denies == only else named | words
    listed = {_FAMILIES.get(family, "other") for family in named or () if family.startswith("AF_")}
    return listed if only else {*_FAMILIES.values(), "other"} - listed
