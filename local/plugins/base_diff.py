"""Differences between property values, named by Pulumi property paths."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from local.plugins.base_values import Archive, Asset, Secret, Unknown, Value

Kind: TypeAlias = Literal["add", "delete", "update", "add-replace", "delete-replace", "update-replace"]

_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_]+")

_REPLACING: Mapping[str, Kind] = {
    "add": "add-replace",
    "delete": "delete-replace",
    "update": "update-replace",
}


@dataclass(frozen=True)
class Change:
    """One property's change. `input_diff` is true where inputs were compared, false for outputs."""

    kind: Kind
    path: str
    input_diff: bool = True

    def replacing(self) -> Change:
        """The same change, needing a new resource."""
        return replace(self, kind=_REPLACING.get(self.kind, self.kind))


@dataclass(frozen=True, kw_only=True)
class Diff:
    """What has changed on a resource. No changes and no `replaces` means that nothing is to be done.

    A change of a replacing kind counts as one of `replaces` by itself.
    """

    changes: Mapping[str, Change] = field(default_factory=dict[str, Change])
    replaces: Sequence[str] = ()
    delete_before_replace: bool = False


def join_path(prefix: str, key: str | int) -> str:
    """Append a key or an index to a property path, quoted where Pulumi needs it: `a.b[0]["x.y"]`."""
    if isinstance(key, int):
        return f"{prefix}[{key}]"
    if _PLAIN_KEY.fullmatch(key):
        return f"{prefix}.{key}" if prefix else key
    escaped = key.replace('"', '\\"')
    return f'{prefix}["{escaped}"]'


def top_key(path: str) -> str:
    """The first key of a property path, unquoted."""
    if path.startswith('["'):
        end = next(i for i in range(2, len(path)) if path[i] == '"' and path[i - 1] != "\\")
        return path[2:end].replace('\\"', '"')
    for index, char in enumerate(path):
        if char in ".[":
            return path[:index]
    return path


def diff_values(old: Value, new: Value, prefix: str = "") -> dict[str, Change]:
    """Compare two values deeply and return the changed leaves by their paths.

    A missing key and a null are the same, a secret equals its content, and an unknown new value is a change.
    """
    if isinstance(old, Secret):
        old = old.value
    if isinstance(new, Secret):
        new = new.value
    if old is None and new is None:
        return {}
    if old is None:
        return {prefix: Change("add", prefix)}
    if new is None:
        return {prefix: Change("delete", prefix)}
    changes: dict[str, Change] = {}
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            changes |= diff_values(old.get(key), new.get(key), join_path(prefix, key))
        return changes
    if isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            changes |= _diff_items(old, new, index, join_path(prefix, index))
        return changes
    return {} if _equal(old, new) else {prefix: Change("update", prefix)}


def _diff_items(old: list[Value], new: list[Value], index: int, path: str) -> dict[str, Change]:
    # A null item still takes a place in its list, so here it differs from a missing one.
    if index >= len(old):
        return {path: Change("add", path)}
    if index >= len(new):
        return {path: Change("delete", path)}
    return diff_values(old[index], new[index], path)


def _equal(old: Value, new: Value) -> bool:
    if isinstance(old, Unknown) or isinstance(new, Unknown):
        return False
    if isinstance(old, Asset | Archive) and isinstance(new, Asset | Archive) and old.hash and new.hash:
        # Contents may be left out of an old state; the hash is always there.
        return type(old) is type(new) and old.hash == new.hash
    # In Python True == 1; on the wire they are two types.
    return isinstance(old, bool) == isinstance(new, bool) and old == new
