"""Field managers: who owns which fields of an object."""

from __future__ import annotations

import hashlib

from local.plugins.kubernetes.objects import Object, get

# Whoever edits by hand, and this provider's own names without server-side apply: such fields are taken back.
_HANDS = ("kubectl", "before-first-apply", "pulumi-resource-kubernetes")
_OWN_OLD_NAMES = frozenset({"pulumi-kubernetes", "pulumi-kubernetes.exe"})


def manager_of(urn: str) -> str:
    """The field manager of a resource, always the same one."""
    return f"pulumi-kubernetes-{hashlib.sha256(urn.encode()).hexdigest()[:8]}"


def is_applied_by(obj: Object, manager: str) -> bool:
    """Whether a manager has applied an object."""
    entries = get(obj, "metadata", "managedFields") or []
    return any(entry.get("manager") == manager and entry.get("operation") == "Apply" for entry in entries)


def by_hand(manager: str) -> bool:
    """Whether a field manager stands for somebody's hands rather than for another program."""
    return manager.startswith(_HANDS) or manager in _OWN_OLD_NAMES
