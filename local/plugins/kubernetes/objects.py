"""Kubernetes objects as plain JSON, and how Pulumi's tokens and property values map to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from local.plugins.base import PluginError, Secret, Unknown, Value

Object: TypeAlias = dict[str, Any]

# Property names cannot hold dashes in every language of Pulumi, so its schema spells these with underscores.
_DASHED = {
    f"x_kubernetes_{name}": f"x-kubernetes-{name.replace('_', '-')}"
    for name in (
        "embedded_resource",
        "int_or_string",
        "list_map_keys",
        "list_type",
        "map_type",
        "preserve_unknown_fields",
        "validations",
    )
}
_UNDERSCORED = {dashed: underscored for underscored, dashed in _DASHED.items()}


@dataclass(frozen=True, kw_only=True)
class Gvk:
    """Group, version and kind; the core group is empty."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        return f"{self.api_version} {self.kind}"


def gvk_of_token(token: str) -> Gvk:
    """Reads `kubernetes:<group>/<version>:<Kind>`.

    Raises:
        PluginError: The token is of another form, or of a kind that stands for no single object.
    """
    parts = token.split(":")
    group_version = parts[1].split("/") if len(parts) == 3 else []
    if len(group_version) != 2:
        raise PluginError(
            f"{token} is no kind of Kubernetes object; a type reads kubernetes:<group>/<version>:<Kind>"
        )
    group, version, kind = group_version[0], group_version[1], parts[2]
    if group == "helm.sh":
        raise PluginError(
            f"{token} is not supported by this plugin; install the official one with "
            "`pulumi plugin install resource kubernetes`, or create the chart's objects themselves"
        )
    # Groups of custom resources have dots and may well have kinds that end so.
    builtin = "." not in group or group.endswith(".k8s.io")
    if builtin and kind.endswith("Patch"):
        raise PluginError(
            f"{token}: patch resources are not supported by this plugin; manage the whole object as "
            f"a {kind.removesuffix('Patch')}"
        )
    if builtin and kind.endswith("List"):
        raise PluginError(f"{token}: a list is no object of its own; create each {kind.removesuffix('List')}")
    return Gvk(group="" if group == "core" else group, version=version, kind=kind)


def gvk_of(obj: Mapping[str, Any]) -> Gvk:
    """Reads apiVersion and kind of an object."""
    group, _, version = str(obj.get("apiVersion", "")).rpartition("/")
    return Gvk(group="" if group == "core" else group, version=version, kind=str(obj.get("kind", "")))


def to_object(values: Mapping[str, Value]) -> Object:
    """Property values as an API object: no secrets, nulls or internal keys. Unknowns stay."""
    return {key: item for key, item in _plain(dict(values)).items() if not key.startswith("__")}


def _plain(value: Value) -> Any:
    if isinstance(value, Secret):
        return _plain(value.value)
    if isinstance(value, dict):
        return {_DASHED.get(key, key): _plain(item) for key, item in value.items() if _given(item)}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str | Unknown):
        return value
    raise PluginError(
        "a Kubernetes object cannot hold an asset or an archive; read the file and pass its text"
    )


def _given(value: Value) -> bool:
    return value is not None and not (isinstance(value, Secret) and value.value is None)


def to_values(value: Any) -> Any:
    """An API object, or a part of one, as property values."""
    if isinstance(value, dict):
        return {
            _UNDERSCORED.get(key, key): to_values(item) for key, item in value.items() if item is not None
        }
    if isinstance(value, list):
        return [to_values(item) for item in value]
    return value


def get(obj: Any, *path: str) -> Any:
    """The value at a path of keys, None where any of them is missing."""
    for key in path:
        if not isinstance(obj, Mapping):
            return None
        obj = obj.get(key)
    return obj


def name_of(obj: Mapping[str, Any]) -> str:
    """metadata.name; empty when missing or unknown."""
    name = get(obj, "metadata", "name")
    return name if isinstance(name, str) else ""


def namespace_of(obj: Mapping[str, Any]) -> str:
    """metadata.namespace; empty when missing or unknown."""
    namespace = get(obj, "metadata", "namespace")
    return namespace if isinstance(namespace, str) else ""


def id_of(obj: Mapping[str, Any]) -> str:
    """`<namespace>/<name>`, or the name alone for an object of the cluster."""
    namespace = namespace_of(obj)
    return f"{namespace}/{name_of(obj)}" if namespace else name_of(obj)


def split_id(id: str) -> tuple[str, str]:
    """Namespace (empty for none) and name of an id.

    Raises:
        PluginError: It is neither `<name>` nor `<namespace>/<name>`.
    """
    namespace, _, name = id.rpartition("/")
    if not name or "/" in namespace:
        raise PluginError(
            f"{id!r} names no Kubernetes object; an id is <namespace>/<name>, or <name> for an object of "
            "the whole cluster"
        )
    return namespace, name


def title(obj: Mapping[str, Any]) -> str:
    """How messages call an object: `Deployment shop/web`."""
    return f"{obj.get('kind') or 'object'} {id_of(obj)}".strip()


def annotation(obj: Mapping[str, Any], key: str) -> str:
    """The value of an annotation, empty when missing or unknown."""
    value = get(obj, "metadata", "annotations", key)
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else ""


def is_annotated(obj: Mapping[str, Any], key: str) -> bool:
    """Whether an annotation says "true"."""
    return annotation(obj, key).lower() == "true"
