"""Exposure of a service, as `systemd-analyze security --offline=true` of systemd 252 computes it.

Each setting has a weight and a badness from 0 (good) to 1 (bad). The exposure is the weighted mean, from 0 to
10. Drop-ins, slices and the machine itself are not part of a unit's text and are not counted.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil

from .systemd_sets import CAPABILITIES, NAMESPACES, allowed_capabilities, allowed_namespaces, open_families
from .systemd_syscalls import WEIGHTS, open_groups
from .systemd_unit import Settings, boolean, flag, last, parse, words

_FLAGS = {
    "PrivateDevices": 1000,
    "PrivateMounts": 1000,
    "PrivateNetwork": 2500,
    "PrivateUsers": 1000,
    "ProtectControlGroups": 1000,
    "ProtectKernelModules": 1000,
    "ProtectKernelTunables": 1000,
    "ProtectKernelLogs": 1000,
    "ProtectClock": 1000,
    "ProtectHostname": 50,
    "LockPersonality": 100,
    "MemoryDenyWriteExecute": 100,
    "NoNewPrivileges": 1000,
    "RestrictRealtime": 500,
    "RestrictSUIDSGID": 1000,
}
_FAMILIES = {"inet": 1500, "unix": 25, "netlink": 200, "packet": 1000, "other": 1250}
_DYNAMIC = ("PrivateTmp", "RemoveIPC", "NoNewPrivileges", "RestrictSUIDSGID")

Score = tuple[str, int, Fraction]
"""Name of a setting, weight, and badness from 0 to 1."""


def exposure(text: str) -> float:
    """Exposure of a service by the text of its unit, 0.0 to 10.0, rounded as systemd does."""
    scores = list(_scores(text))
    total = sum(weight for _, weight, _ in scores)
    bad = sum(ceil(weight * badness) for _, weight, badness in scores)
    return ceil(Fraction(bad * 100, total)) / 10


def worst_settings(text: str, count: int = 3) -> list[str]:
    """The settings that contribute most to the exposure, worst first."""
    ranked = sorted(_scores(text), key=lambda score: -score[1] * score[2])
    return [name for name, _, badness in ranked[:count] if badness]


def _scores(text: str) -> Iterator[Score]:
    sections = parse(text)
    service = _add_implied(sections.get("Service", {}))
    for name, weight in _FLAGS.items():
        yield name, weight, Fraction(not flag(service, name))
    if boolean(last(sections.get("Unit", {}), "DefaultDependencies", "yes")) is not False:
        yield "PrivateTmp", 1000, Fraction(not flag(service, "PrivateTmp"))
        yield "ProtectHome", 1000, _by_value(service, "ProtectHome", {"read-only": 5, "tmpfs": 1}, yes=0)
        yield "ProtectSystem", 1000, _by_value(service, "ProtectSystem", {"full": 3, "strict": 0}, yes=5)
        roots = {last(service, "RootDirectory"), last(service, "RootImage")}
        yield "RootDirectory", 200, Fraction(roots <= {"", "/"})
    yield from _user(service)
    yield from _sets(service)
    yield "UMask", 100, _umask(last(service, "UMask", "0022"))
    yield "KeyringMode", 1000, Fraction(last(service, "KeyringMode", "private") != "private")
    hidden = {"noaccess": 1, "invisible": 0, "ptraceable": 0}
    yield "ProtectProc", 1000, Fraction(hidden.get(last(service, "ProtectProc"), 3), 3)
    yield "ProcSubset", 10, Fraction(last(service, "ProcSubset") != "pid")
    yield "NotifyAccess", 1000, Fraction(last(service, "NotifyAccess") == "all")
    yield "Delegate", 100, Fraction("Delegate" in service and boolean(last(service, "Delegate")) is not False)
    yield "IPAddressDeny", 1000, _addresses(service)
    yield "DeviceAllow", 1000, _devices(service)


def _add_implied(service: Settings) -> dict[str, list[str]]:
    """The settings plus those that DynamicUser implies."""
    found = dict(service)
    if flag(service, "DynamicUser"):
        found |= {name: ["yes"] for name in _DYNAMIC} | {"ProtectSystem": ["strict"]}
        if boolean(last(service, "ProtectHome", "no")) is False:
            found["ProtectHome"] = ["read-only"]
    return found


def _user(service: Settings) -> Iterator[Score]:
    user = last(service, "User")
    root = user in ("root", "0") or not (user or flag(service, "DynamicUser"))
    yield "User", 2000, Fraction(10 if root else 9 if user == "nobody" else 0, 10)
    if not root:
        yield "SupplementaryGroups", 200, Fraction(bool(words(service, "SupplementaryGroups")))
        yield "RemoveIPC", 100, Fraction(not flag(service, "RemoveIPC"))


def _sets(service: Settings) -> Iterator[Score]:
    capabilities = allowed_capabilities(service)
    for name, (weight, members) in CAPABILITIES.items():
        yield f"CapabilityBoundingSet=~{name}", weight, Fraction(bool(capabilities & members))
    yield "AmbientCapabilities", 500, Fraction(bool(words(service, "AmbientCapabilities")))
    namespaces = allowed_namespaces(service)
    for name, weight in NAMESPACES.items():
        yield f"RestrictNamespaces=~{name}", weight, Fraction(name in namespaces)
    families = open_families(service)
    for name, weight in _FAMILIES.items():
        yield f"RestrictAddressFamilies=~{name}", weight, Fraction(name in families)
    architectures = set(words(service, "SystemCallArchitectures"))
    bad = 10 if not architectures else 0 if architectures == {"native"} else 8
    yield "SystemCallArchitectures", 1000, Fraction(bad, 10)
    groups = open_groups(service)
    for name, weight in WEIGHTS.items():
        yield f"SystemCallFilter=~{name}", weight, Fraction(groups[name], 10)


def _by_value(service: Settings, name: str, known: dict[str, int], *, yes: int) -> Fraction:
    value = last(service, name)
    return Fraction(yes if boolean(value) else known.get(value, 10), 10)


def _umask(value: str) -> Fraction:
    """Badness of the most open permission: others write, others read, group writes, group reads."""
    try:
        mask = int(value, 8)
    except ValueError:
        mask = 0o022
    open_bits = (bad for bit, bad in ((0o2, 10), (0o4, 5), (0o20, 2), (0o40, 1)) if not mask & bit)
    return Fraction(next(open_bits, 0), 10)


def _addresses(service: Settings) -> Fraction:
    if words(service, "IPIngressFilterPath") or words(service, "IPEgressFilterPath"):
        return Fraction(0)
    denied, allowed = set(words(service, "IPAddressDeny")), words(service, "IPAddressAllow")
    if "any" not in denied and not {"0.0.0.0/0", "::/0"} <= denied:
        return Fraction(1)
    local = [
        each == "localhost" or each.startswith("127.") or each.split("/")[0] == "::1" for each in allowed
    ]
    return Fraction(0 if not local else 2 if all(local) else 5, 10)


def _devices(service: Settings) -> Fraction:
    policy = last(service, "DevicePolicy", "auto")
    closed = policy in ("closed", "strict") or (policy in ("", "auto") and flag(service, "PrivateDevices"))
    others = words(service, "DeviceAllow") or flag(service, "ProtectClock") or last(service, "RootImage")
    return Fraction((5 if others else 0) if closed else 10, 10)
