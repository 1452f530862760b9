"""Field managers: who owns which fields of an object."""

from __future__ import annotations

# Whoever edits by hand, and this provider's own names without server-side apply: such fields are taken back.
_HANDS = ("kubectl", "before-first-apply", "pulumi-resource-kubernetes")
_OWN_OLD_NAMES = frozenset({"pulumi-kubernetes", "pulumi-kubernetes.exe"})


def by_hand(manager: str) -> bool:
    """Whether a field manager stands for somebody's hands rather than for another program."""
    return manager.startswith(_HANDS) or manager in _OWN_OLD_NAMES
