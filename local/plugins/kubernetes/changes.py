"""What an update would change, and what has changed by hand since the last one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from local.plugins.base import Change, Diff, Value, diff_values
from local.plugins.kubernetes.naming import is_autonamed
from local.plugins.kubernetes.objects import Object, get, gvk_of, name_of, namespace_of, to_values
from local.plugins.kubernetes.replace import replaces, replacing_fields
from local.plugins.kubernetes.secret import is_secret_object

_MISSING: Any = object()
_READ_ONLY = (
    "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields",
    "resourceVersion", "selfLink", "uid",
)  # fmt: skip
_KEYS = ("name", "containerPort", "port", "mountPath", "topologyKey", "ip", "type", "key")
_NOT_INPUT = ("kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision")


def compare(
    old: Object,
    new: Object,
    *,
    shown: Object,
    mutable_configmaps: bool,
    mutable_secrets: bool,
    ignored: Sequence[str],
) -> Diff:
    """Compares inputs with inputs, so that nothing the API server fills in ever shows as a change.

    Args:
        old: Inputs in force, drift included once it has been read.
        new: Inputs of the program; may hold unknowns.
        shown: Inputs the engine takes for the old ones and shows.
        mutable_configmaps, mutable_secrets: Whether data changes in place.
        ignored: Property paths whose changes do not count.
    """
    gvk = gvk_of(new)
    immutable = get(old, "immutable") is True
    fields = replacing_fields(
        gvk, mutable_configmaps=mutable_configmaps, mutable_secrets=mutable_secrets, immutable=immutable
    )
    changes: dict[str, Change] = {}
    for path, found in diff_values(
        to_values(without_read_only(old)), to_values(without_read_only(new))
    ).items():
        if not any(path == i or path.startswith((f"{i}.", f"{i}[")) for i in ignored):
            change = replace(found, input_diff=shown == old)
            changes[path] = change.replacing() if replaces(path, gvk, fields) else change
    # Said even when nothing asks for a replacement here: the user may.
    same_place = name_of(new) == name_of(old) and namespace_of(new) == namespace_of(old)
    return Diff(changes=changes, delete_before_replace=same_place and not is_autonamed(new))


def without_read_only(obj: Object) -> Object:
    """Leaves out the metadata that only the API server writes."""
    metadata = obj.get("metadata")
    if not isinstance(metadata, dict):
        return obj
    return {**obj, "metadata": {key: value for key, value in metadata.items() if key not in _READ_ONLY}}


def imported(live: Object) -> Object:
    """The inputs that would make an object found in the cluster."""
    obj = without_read_only({key: value for key, value in live.items() if key != "status"})
    metadata = dict(obj["metadata"])
    annotations = {
        key: value
        for key, value in (metadata.pop("annotations", None) or {}).items()
        if key not in _NOT_INPUT
    }
    return {**obj, "metadata": {**metadata, **({"annotations": annotations} if annotations else {})}}


def drifted(inputs: Object, known: Object, live: Object) -> Object:
    """The inputs with live values wherever somebody else has changed a field they set.

    Args:
        inputs: What was sent last.
        known: What the API server answered then; fields it has rewritten (`1000m` to `1`) have not drifted.
        live: What it says now.
    """
    if is_secret_object(live) and isinstance(inputs.get("stringData"), dict):
        keys = inputs["stringData"]
        known = {**known, "stringData": _as_text(known.get("data"), keys)}
        live = {**live, "stringData": _as_text(live.get("data"), keys)}
    result = _drift(inputs, known, live)
    return result if isinstance(result, dict) else inputs


def _as_text(data: Any, keys: Mapping[str, Any]) -> dict[str, Any]:
    texts: dict[str, Any] = {}
    for key in keys:
        if isinstance(data, dict) and key in data:
            try:
                texts[key] = base64.b64decode(str(data[key])).decode()
            except (binascii.Error, UnicodeDecodeError):
                texts[key] = data[key]  # set to bytes by hand: any text that differs shows the drift
    return texts


def _drift(value: Value, known: Any, live: Any) -> Any:
    if live in (known, value):
        return value
    if live is _MISSING:
        # Never there: dropped by the API server, such as an empty list. Else taken away by hand.
        return value if known is _MISSING else _MISSING
    if isinstance(value, dict) and isinstance(live, dict):
        known = known if isinstance(known, dict) else {}
        parts = {
            key: _drift(item, known.get(key, _MISSING), live.get(key, _MISSING))
            for key, item in value.items()
        }
        return {key: part for key, part in parts.items() if part is not _MISSING}
    if isinstance(value, list) and isinstance(live, list) and (key := _identity(value)):
        return _drift_items(value, known if isinstance(known, list) else [], live, key)
    return live


def _identity(items: Sequence[Any]) -> str:
    """The key that tells the items of a list apart, empty where there is none."""
    for key in _KEYS:
        if items and all(isinstance(item, dict) and key in item for item in items):
            names = [item[key] for item in items]
            if all(isinstance(name, str | int) for name in names) and len(set(names)) == len(names):
                return key
    return ""


def _drift_items(items: list[Any], known: list[Any], live: list[Any], key: str) -> list[Any]:
    # Items that others have added, such as an injected sidecar, are theirs.
    found: list[Any] = []
    for item in items:
        name = item[key]
        drift = _drift(item, _by(known, key, name), _by(live, key, name))
        if drift is not _MISSING:
            found.append(drift)
    return found


def _by(items: list[Any], key: str, name: Any) -> Any:
    return next((item for item in items if isinstance(item, dict) and item.get(key) == name), _MISSING)
