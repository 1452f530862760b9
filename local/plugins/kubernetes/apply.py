"""Writing objects: server-side apply as one of several managers, or plain posts and patches without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from local.plugins.kubernetes.client import Client, Response
from local.plugins.kubernetes.discovery import Resource
from local.plugins.kubernetes.errors import ApiError
from local.plugins.kubernetes.managers import by_hand
from local.plugins.kubernetes.objects import Object, get, name_of, namespace_of


@dataclass(frozen=True, kw_only=True)
class Write:
    """How an object is written.

    Attributes:
        manager: Field manager.
        force: Take over fields of other managers.
        dry_run: Ask for the outcome only.
        ignored: Property paths the program leaves to others.
    """

    manager: str
    force: bool = False
    dry_run: bool = False
    ignored: Sequence[str] = ()

    @property
    def query(self) -> dict[str, str]:
        dry = {"dryRun": "All"} if self.dry_run else {}
        return {"fieldManager": self.manager, "fieldValidation": "Warn", **dry}


def apply(
    client: Client, resource: Resource, obj: Object, write: Write, warn: Callable[[str], None]
) -> Object:
    """Creates or changes an object by server-side apply and returns it as it is then.

    Fields changed by hand (kubectl) are taken back; fields of other managers are a conflict unless forced.

    Raises:
        ApiError: The server refuses.
    """
    try:
        return _patch(client, resource, obj, write, warn)
    except ApiError as error:
        conflicts = error.conflicts()
        if not conflicts:
            raise
        fields = [field for fields in conflicts.values() for field in fields]
        left = _ignored_fields(fields, write.ignored)
        if len(left) == len(fields):
            return _patch(client, resource, _without(obj, left), write, warn)
        if all(by_hand(manager) for manager in conflicts):
            return _patch(client, resource, obj, replace(write, force=True), warn)
        raise


def _patch(
    client: Client, resource: Resource, obj: Object, write: Write, warn: Callable[[str], None]
) -> Object:
    return _told(
        client.request(
            "PATCH",
            resource.path(namespace_of(obj), name_of(obj)),
            query={**write.query, "force": str(write.force).lower()},
            body=obj,
            content_type="application/apply-patch+yaml",  # JSON is YAML
        ),
        warn,
    )


def _told(response: Response, warn: Callable[[str], None]) -> Object:
    for warning in response.warnings:
        warn(warning)
    return response.body


def _ignored_fields(fields: Sequence[str], ignored: Sequence[str]) -> list[str]:
    paths = [field.lstrip(".") for field in fields]
    return [path for path in paths if any(path == i or path.startswith((f"{i}.", f"{i}[")) for i in ignored)]


def _without(obj: Object, paths: Sequence[str]) -> Object:
    """Leaves out fields given by dotted paths; one inside a list cannot be and stays."""
    for path in paths:
        obj = _drop(obj, path.split("."))
    return obj


def _drop(obj: Object, keys: Sequence[str]) -> Object:
    if len(keys) == 1:
        return {key: value for key, value in obj.items() if key != keys[0]}
    inner = obj.get(keys[0])
    return {**obj, keys[0]: _drop(inner, keys[1:])} if isinstance(inner, dict) else obj


def post(
    client: Client, resource: Resource, obj: Object, write: Write, warn: Callable[[str], None]
) -> Object:
    """Creates an object without server-side apply."""
    path = resource.path(namespace_of(obj))
    return _told(client.request("POST", path, query=write.query, body=obj), warn)


def merge(
    client: Client,
    resource: Resource,
    obj: Object,
    write: Write,
    warn: Callable[[str], None],
    *,
    old: Object,
) -> Object:
    """Changes an object without server-side apply, by what differs from its `old` inputs."""
    return _told(
        client.request(
            "PATCH",
            resource.path(namespace_of(obj), name_of(obj)),
            query=write.query,
            body=_merge_patch(old, obj),
            content_type="application/merge-patch+json",
        ),
        warn,
    )


def _merge_patch(old: Any, new: Any) -> Any:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    gone = {key: None for key in old if key not in new}
    return gone | {
        key: _merge_patch(old.get(key), value) for key, value in new.items() if old.get(key) != value
    }


def is_terminating(obj: Object) -> bool:
    """Whether an object is being deleted."""
    return get(obj, "metadata", "deletionTimestamp") is not None
