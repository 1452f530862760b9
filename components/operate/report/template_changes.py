"""What differs between the pod templates of two releases.

Pure: templates are as the API server gives them. No value of a variable is shown, as it may be a secret.
"""

from dataclasses import dataclass
from typing import Any, cast

from ...shared import COMMIT, CONFIG_HASH, SECRET_HASH, TRACK, VERSION

# Shown elsewhere, or different in each ReplicaSet.
_LABELS = (VERSION, TRACK, "pod-template-hash")
_ANNOTATIONS = (COMMIT, CONFIG_HASH, SECRET_HASH)
_CONFIGURATION = "from the configuration"
_SECRET = "from a secret"  # noqa: S105 a source


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference."""

    part: str
    """Path of the part, such as `resources.limits.memory`."""
    old: str
    """What it was; empty if it was not there."""
    new: str
    """What it is; empty if it is gone."""


def template_changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """Differences in the order of their paths, those of the environment first."""
    before, after = _parts(old), _parts(new)
    changed = sorted(part for part in before.keys() | after.keys() if before.get(part) != after.get(part))
    return [
        *_environment_changes(old, new),
        *(Change(part=part, old=before.get(part, ""), new=after.get(part, "")) for part in changed),
    ]


def _environment_changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """Variables that came, went, or have another source, and those that may have another value."""
    before, after = _variables(old), _variables(new)
    found: list[Change] = []
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key, {}), after.get(key, {})
        if _source(was) != _source(now):
            found.append(Change(part=f"env.{key}", old=_source(was), new=_source(now)))
        elif was.get("value") != now.get("value"):
            found.append(Change(part=f"env.{key}", old="a value", new="another value"))
    for mark, source in ((CONFIG_HASH, _CONFIGURATION), (SECRET_HASH, _SECRET)):
        was, now = (template["metadata"].get("annotations", {}).get(mark) for template in (old, new))
        keys = sorted(
            k for k in before.keys() & after.keys() if {_source(before[k]), _source(after[k])} == {source}
        )
        if was != now and keys:
            # The cluster has a hash of all of them.
            which = f"env.{keys[0]}" if len(keys) == 1 else f"one or more of env.{', env.'.join(keys)}"
            found.append(Change(part=which, old=source, new="another value"))
    return found


def _variables(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Variables of the service by name."""
    return {variable["name"]: variable for variable in _container(template).get("env", [])}


def _source(variable: dict[str, Any]) -> str:
    """Where a variable comes from; empty for none."""
    if not variable:
        return ""
    kind = next(iter(variable.get("valueFrom", {})), "")
    return {"": "a value", "configMapKeyRef": _CONFIGURATION, "secretKeyRef": _SECRET}.get(kind, kind)


def _parts(template: dict[str, Any]) -> dict[str, str]:
    """Every other part of a template by its path."""
    metadata, spec = template["metadata"], template["spec"]
    labels = {k: v for k, v in metadata.get("labels", {}).items() if k not in _LABELS}
    notes = {k: v for k, v in metadata.get("annotations", {}).items() if k not in _ANNOTATIONS}
    own = {key: value for key, value in _container(template).items() if key not in ("image", "env", "name")}
    pod = {
        key: value for key, value in spec.items() if key not in ("containers", "topologySpreadConstraints")
    }
    others = {f"container {c['name']}": {"image": c["image"]} for c in spec["containers"][1:]}
    return {
        **_flat("label", labels),
        **_flat("annotation", notes),
        **_flat("", own),
        **_flat("", pod),
        **_flat("", others),
    }


def _container(template: dict[str, Any]) -> dict[str, Any]:
    return template["spec"]["containers"][0]


def _flat(path: str, value: object) -> dict[str, str]:
    """Leaves by their path. Entries of a list go by their name or place."""
    found: dict[str, str] = {}
    for key, each in _entries(value):
        if key == "env" and isinstance(each, list):
            continue  # of other containers; values may be secret
        found |= _flat(f"{path}.{key}" if path else key, each)
    return found or ({path: str(value)} if value not in ({}, []) else {})


def _entries(value: object) -> list[tuple[str, object]]:
    if isinstance(value, dict):
        return list(cast("dict[str, object]", value).items())
    if isinstance(value, list):
        entries = cast("list[object]", value)
        return [(str(_name(each) or number), each) for number, each in enumerate(entries)]
    return []


def _name(entry: object) -> object:
    return cast("dict[str, object]", entry).get("name") if isinstance(entry, dict) else None
