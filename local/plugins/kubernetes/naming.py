"""Names for objects whose program gives none."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from local.plugins.base import Autonaming, Failure, Unknown
from local.plugins.kubernetes.objects import Object, get, is_annotated, name_of

AUTONAMED = "pulumi.com/autonamed"


def is_autonamed(obj: Object) -> bool:
    """Whether the plugin or the engine chose the object's name."""
    return is_annotated(obj, AUTONAMED)


def suffix(seed: bytes, prefix: str) -> str:
    """Eight hexadecimal digits, always the same ones for a seed and prefix; random without a seed."""
    return hashlib.sha512(prefix.encode() + seed).hexdigest()[:8] if seed else secrets.token_hex(4)


def assign(
    obj: Object, old: Object, resource: str, *, seed: bytes, autonaming: Autonaming | None
) -> tuple[Object, list[Failure]]:
    """Gives an object without a name the one it had, or a new one.

    Args:
        obj: The inputs.
        old: The inputs of the last run, empty for a new resource.
        resource: The resource's name in the program.
        seed: The engine's random seed for this resource.
        autonaming: How the user wants names made; None means `<resource>-<8 hex>`.
    """
    if get(obj, "metadata", "generateName") is not None and not _named(obj):
        reason = "generateName does not work with server-side apply; leave it out to get a made name"
        return obj, [Failure("metadata.generateName", reason)]
    if _named(obj):
        return obj, []
    if name_of(old):
        return (_autonamed(obj, name_of(old)) if is_autonamed(old) else obj), []
    if autonaming is None or not autonaming.name:
        if autonaming is not None and autonaming.mode == "disable":
            reason = f"pulumi:autonaming is disabled here, so {resource!r} needs metadata.name"
            return obj, [Failure("metadata.name", reason)]
        return _autonamed(obj, f"{resource}-{suffix(seed, f'{resource}-')}"), []
    return _autonamed(obj, autonaming.name), []


def _named(obj: Object) -> bool:
    return isinstance(get(obj, "metadata", "name"), Unknown) or bool(name_of(obj))


def _autonamed(obj: Object, name: str) -> Object:
    metadata: dict[str, Any] = dict(obj.get("metadata") or {})
    annotations = metadata.get("annotations") or {}
    if isinstance(annotations, dict):  # they may all be unknown at preview
        annotations = {**annotations, AUTONAMED: "true"}
    return {**obj, "metadata": {**metadata, "name": name, "annotations": annotations}}
