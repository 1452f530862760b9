"""Which setting is which argument: `autoscaling.minReplicas` is `min_replicas` of Autoscaling."""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from .autoscaler import Autoscaling
from .canary_args import Canary
from .decode import Kind, kind_of
from .image_args import GoImageArgs
from .ingress import Ingress
from .network import Network
from .pod import Resources
from .rollout import Rollout
from .service_args import GoServiceArgs

# Sections that are arguments of their own within GoServiceArgs, under the section's name.
PARTS: Mapping[str, type[Any]] = {
    "resources": Resources,
    "autoscaling": Autoscaling,
    "rollout": Rollout,
    "canary": Canary,
    "ingress": Ingress,
    "network": Network,
}
# Arguments that the program fills in from the image and its settings.
_GIVEN = ("image", "version", "commit", "rollback", "cluster", "unproven", "registry_login")
# Sections whose keys are the user's own.
MAPS = ("env", "secrets")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting with a key of ours."""

    key: str
    """Path in the configuration, `service.port`."""
    owner: type[Any]
    """Class of the arguments it belongs to."""
    field: str
    """Its field there."""
    kind: Kind
    """Its type."""
    required: bool
    """Whether it has no default."""


@functools.cache
def settings() -> dict[str, Setting]:
    """All settings by key."""
    image = [f.name for f in fields(GoImageArgs) if f.name not in {"port", "version"}]
    service = [
        f.name for f in fields(GoServiceArgs) if f.name not in {*_GIVEN, "pull_secrets", *PARTS, *MAPS}
    ]
    found = [
        *_section("service", GoServiceArgs, service),
        *_section("image", GoImageArgs, image),
        *_section("image", GoServiceArgs, ["pull_secrets"]),
        *(s for name, part in PARTS.items() for s in _section(name, part, [f.name for f in fields(part)])),
    ]
    return {setting.key: setting for setting in found}


def key_of(owner: type[Any], field: str) -> str:
    """Key of a field or of a field of a part (`autoscaling.min_replicas`), `env.NAME` and the like kept."""
    head, dot, entry = field.partition(".")
    if owner is GoServiceArgs and head in PARTS:
        return key_of(PARTS[head], entry)
    key = next((s.key for s in settings().values() if s.owner is owner and s.field == head), None)
    return (key or _SHARED.get(head, head)) + dot + entry


# The port is in both kinds of arguments, and has one setting.
_SHARED = {"port": "service.port"}


def _section(name: str, owner: type[Any], names: list[str]) -> Iterator[Setting]:
    for field in (field for field in fields(owner) if field.name in names):
        yield Setting(
            key=f"{name}.{re.sub(r'_(.)', lambda match: match[1].upper(), field.name)}",
            owner=owner,
            field=field.name,
            kind=kind_of(field.type),
            required=field.default is MISSING and field.default_factory is MISSING,
        )
