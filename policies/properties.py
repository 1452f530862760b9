"""Converts properties, with their secrets and unknowns, between the engine's form and plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from pulumi_policy import Secret, proxy

from .values import UNKNOWN, MakeSecret, Path

SENTINELS = frozenset(
    value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_") and name.endswith("_VALUE")
)
"""Strings that stand for unknown values, one for each type."""

_TARGET = "__target"
"""Key under which a proxy of pulumi_policy returns the wrapped value with its secrets still marked."""


@dataclass(frozen=True)
class Unwrapped:
    """Plain properties, with their secrets and unknowns apart."""

    props: dict[str, Any]
    secrets: frozenset[Path]
    unknowns: Mapping[Path, str]
    """The engine's strings for unknown values, by path."""

    def wrap(self, props: dict[str, Any]) -> dict[str, Any]:
        """Changed properties in the engine's form; secrets and unknowns are kept."""
        return cast("dict[str, Any]", self._wrap(props, ()))

    def _wrap(self, value: Any, path: Path) -> Any:
        secret = path in self.secrets or isinstance(value, MakeSecret)
        if isinstance(value, MakeSecret):
            value = value.value
        if value is UNKNOWN:
            value = self.unknowns.get(path, proxy.UNKNOWN_STRING_VALUE)
        elif isinstance(value, dict):
            mapping = cast("dict[str, Any]", value)
            value = {key: self._wrap(entry, (*path, key)) for key, entry in mapping.items()}
        elif isinstance(value, list):
            entries = cast("list[Any]", value)
            value = [self._wrap(entry, (*path, index)) for index, entry in enumerate(entries)]
        return Secret(value) if secret else value


def unwrap(props: Mapping[str, Any]) -> Unwrapped:
    """Plain form of the properties that a remediation receives, or that another one has returned."""
    seen = _Seen()
    return Unwrapped(whole_numbers(seen.plain(props, ())), frozenset(seen.secrets), seen.unknowns)


def whole_numbers(value: Any) -> Any:
    """A copy in which 80.0 is 80: the engine passes every number as a float."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {key: whole_numbers(entry) for key, entry in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [whole_numbers(entry) for entry in cast("list[Any]", value)]
    return value


@dataclass
class _Seen:
    secrets: set[Path] = field(default_factory=set[Path])
    unknowns: dict[Path, str] = field(default_factory=dict[Path, str])

    def plain(self, value: Any, path: Path) -> Any:
        if isinstance(value, Secret):
            self.secrets.add(path)
            return self.plain(value.value, path)
        if isinstance(value, str):
            if value not in SENTINELS:
                return value
            self.unknowns[path] = value
            return UNKNOWN
        if isinstance(value, Mapping):
            mapping = cast("dict[str, Any]", value if isinstance(value, dict) else value[_TARGET])
            return {key: self.plain(entry, (*path, key)) for key, entry in mapping.items()}
        if isinstance(value, Sequence):
            sequence = cast("Any", value)
            entries = cast("list[Any]", value if isinstance(value, list) else sequence[_TARGET])
            return [self.plain(entry, (*path, index)) for index, entry in enumerate(entries)]
        return value
