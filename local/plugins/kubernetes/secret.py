"""What must never be seen in clear: in outputs, in state, in messages."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any

from local.plugins.base import Secret, Value, Values, is_secret, unwrap
from local.plugins.kubernetes.objects import Object, get

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_SHORTEST = 4  # characters; replacing shorter texts would garble a message and hide nothing


def is_secret_object(obj: Mapping[str, Any]) -> bool:
    """Whether this is the API's own kind Secret."""
    return obj.get("kind") == "Secret" and obj.get("apiVersion") == "v1"


def protect(values: Values, inputs: Value) -> Values:
    """Marks as secret what is secret in the inputs, and all data of a Secret object.

    Args:
        values: An object without secrets: outputs, or inputs read anew.
        inputs: The inputs, with secrets marked.
    """
    marked = _mark(values, inputs)
    assert isinstance(marked, dict)  # noqa: S101 - a whole object is never one secret
    secret_object = is_secret_object(values)
    if secret_object:
        marked |= {key: _whole(marked[key]) for key in ("data", "stringData") if marked.get(key) is not None}
    if (secret_object or is_secret(inputs)) and get(values, "metadata", "annotations", LAST_APPLIED):
        marked["metadata"] = _hide_last_applied(marked["metadata"])
    return marked


def _hide_last_applied(metadata: Value) -> Value:
    if not isinstance(metadata, dict) or not isinstance(annotations := metadata.get("annotations"), dict):
        return metadata
    return {**metadata, "annotations": {**annotations, LAST_APPLIED: _whole(annotations[LAST_APPLIED])}}


def _whole(value: Value) -> Secret:
    return Secret(unwrap(value))


def _mark(value: Value, like: Value) -> Value:
    if isinstance(like, Secret):
        return _whole(value)
    if isinstance(value, dict) and isinstance(like, dict):
        return {key: _mark(item, like[key]) if key in like else item for key, item in value.items()}
    if isinstance(value, list) and isinstance(like, list):
        if len(value) == len(like):
            return [_mark(item, other) for item, other in zip(value, like, strict=True)]
        # Which item belongs to which is not known any more, so none is shown.
        return Secret(value) if is_secret(like) else value
    return value


def redact(text: str, inputs: Value, obj: Object | None = None) -> str:
    """Replaces every secret of a resource in a message, as it is and in base64.

    Args:
        text: The message.
        inputs: The resource's inputs, with secrets marked.
        obj: The live object, whose data is secret if it is a Secret.
    """
    found = set(_secret_texts(inputs, inside=False))
    if obj is not None and is_secret_object(obj):
        found |= set(_texts(obj.get("data"))) | set(_texts(obj.get("stringData")))
    found |= {decoded for item in found if (decoded := _decoded(item))}
    found |= {base64.b64encode(item.encode()).decode() for item in found}
    for item in sorted(found, key=len, reverse=True):
        if len(item) >= _SHORTEST:
            text = text.replace(item, "[secret]")
    return text


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _secret_texts(value: Value, *, inside: bool) -> Iterable[str]:
    if isinstance(value, Secret):
        yield from _secret_texts(value.value, inside=True)
    elif isinstance(value, dict):
        whole = inside or is_secret_object(value)
        for key, item in value.items():
            yield from _secret_texts(item, inside=inside or (whole and key in {"data", "stringData"}))
    elif isinstance(value, list):
        for item in value:
            yield from _secret_texts(item, inside=inside)
    elif inside and isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)


def _texts(value: Any) -> Iterable[str]:
    return [str(item) for item in value.values()] if isinstance(value, dict) else []
