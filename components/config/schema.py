"""Which setting is which argument: `autoscaling.minReplicas` is `min_replicas` of Autoscaling."""

import functools
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Any

from ..image import GoImageArgs
from ..kubernetes import Autoscaling, Exposure, Ingress, Metrics, Network, Probes, Resources, Rollout
from ..service import GoServiceArgs
from ..strategies import Canary
from .choices import ClusterChoice, StrategyChoice
from .decode import Kind, kind_of

# Arguments of GoServiceArgs that are classes themselves: the section of their settings, and the class.
PARTS: Mapping[str, tuple[str, type[Any]]] = {
    "exposure": ("service", Exposure),
    "probes": ("service", Probes),
    "metrics": ("metrics", Metrics),
    "resources": ("resources", Resources),
    "autoscaling": ("autoscaling", Autoscaling),
    "rollout": ("rollout", Rollout),
    "ingress": ("ingress", Ingress),
    "network": ("network", Network),
}
# Sections whose keys are names that users choose; each is one argument of GoServiceArgs.
MAPS = ("env", "secrets")
# Arguments that are filled in from the image, from its settings or from a choice.
_GIVEN = ("release", "registry_login", "strategy")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting, as a field of the arguments declares it."""

    key: str
    """Path in the configuration, `canary.metrics.unit`, or a section that is a map, `env`."""
    owner: type[Any]
    """Class of the arguments it belongs to."""
    field: str
    """Its field there."""
    kind: Kind
    """Its type."""
    annotation: Any
    """The same with its checks, as the field has it."""
    default: Any
    """Its default in the arguments' type; MISSING if it is required."""

    @property
    def section(self) -> str:
        """First part of its key."""
        return self.key.partition(".")[0]

    @property
    def required(self) -> bool:
        """Whether it has no default."""
        return self.default is MISSING


@functools.cache
def settings() -> dict[str, Setting]:
    """The settings of every section but the maps, by key, in the order of the documentation."""
    found = [
        *_section("service", GoServiceArgs, without={*_GIVEN, "pull_secrets", *PARTS, *MAPS}),
        *_section(*PARTS["exposure"]),
        *_section(*PARTS["probes"]),
        *_section("cluster", ClusterChoice),
        *_section("image", GoImageArgs, without={"port", "version"}),
        *_section("image", GoServiceArgs, only={"pull_secrets"}),
        *_section(*PARTS["resources"]),
        *_section(*PARTS["autoscaling"]),
        *_section("rollout", StrategyChoice),
        *_section(*PARTS["rollout"]),
        *_section("canary", Canary),
        *_section(*PARTS["metrics"]),
        *_section(*PARTS["ingress"]),
        *_section(*PARTS["network"]),
    ]
    return {setting.key: setting for setting in found}


def all_settings() -> dict[str, Setting]:
    """All settings by key, the maps last."""
    maps = (_setting(field.name, GoServiceArgs, field) for field in _fields(GoServiceArgs, only=MAPS))
    return settings() | {setting.key: setting for setting in maps}


@functools.cache
def sections() -> frozenset[str]:
    """Everything that settings are in, the maps left out: `canary`, and `canary.metrics` within it."""
    parts = (key.split(".") for key in settings())
    return frozenset(".".join(part[:end]) for part in parts for end in range(1, len(part)))


@functools.cache
def secret_keys() -> dict[str, tuple[str, ...]]:
    """The settings that are secret by section: `image.password` of `image`. Maps are left out."""
    found: dict[str, tuple[str, ...]] = {}
    for key, setting in settings().items():
        if setting.kind.secret:
            found[setting.section] = (*found.get(setting.section, ()), key)
    return found


def nested(owner: type[Any]) -> dict[str, type[Any]]:
    """Arguments of a class that are a section within its own, by field: `metrics` of a canary."""
    if owner is GoServiceArgs:
        return {}  # those of a service are PARTS
    return {f.name: f.type for f in fields(owner) if isinstance(f.type, type) and is_dataclass(f.type)}


def key_of(owner: type[Any], field: str) -> str:
    """Key of a field or of a field of a part (`autoscaling.min_replicas`), `env.NAME` and the like kept."""
    head, dot, entry = field.partition(".")
    if owner is GoServiceArgs and head in PARTS and entry:
        return key_of(PARTS[head][1], entry)
    if owner is GoServiceArgs and head == "strategy":
        return key_of(Canary, entry) if entry else key_of(StrategyChoice, head)
    if entry and head in (within := nested(owner)):
        return key_of(within[head], entry)
    key = next((s.key for s in settings().values() if s.owner is owner and s.field == head), None)
    return (key or _SHARED.get(head, head)) + dot + entry


# The port is in both kinds of arguments, and has one setting.
_SHARED = {"port": "service.port"}


def _section(
    name: str, owner: type[Any], *, only: Collection[str] = (), without: Collection[str] = ()
) -> Iterator[Setting]:
    within = nested(owner)
    for field in _fields(owner, only=only, without=without):
        key = f"{name}.{re.sub(r'_(.)', lambda match: match[1].upper(), field.name)}"
        if field.name in within:
            yield from _section(key, within[field.name])
        else:
            yield _setting(key, owner, field)


def _fields(
    owner: type[Any], *, only: Collection[str] = (), without: Collection[str] = ()
) -> list[Field[Any]]:
    return [f for f in fields(owner) if f.name in (only or {f.name}) and f.name not in without]


def _setting(key: str, owner: type[Any], field: Field[Any]) -> Setting:
    try:
        kind = kind_of(field.type)
    except TypeError as error:
        raise TypeError(f"{owner.__name__}.{field.name}: {error}; config/decode.py has those") from None
    return Setting(
        key=key,
        owner=owner,
        field=field.name,
        kind=kind,
        annotation=field.type,
        default=field.default_factory() if field.default_factory is not MISSING else field.default,
    )
