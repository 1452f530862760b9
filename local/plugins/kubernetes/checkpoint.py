"""What is kept of an object in the state, and what a preview may promise of it."""

from __future__ import annotations

from typing import Any

from local.plugins.base import UNKNOWN, Value, Values, unwrap
from local.plugins.kubernetes.objects import Object, get, to_object, to_values
from local.plugins.kubernetes.secret import protect

MANAGER = "__fieldManager"
INPUTS = "__inputs"
API_VERSION = "__initialApiVersion"


def outputs(inputs: Values, live: Object, *, manager: str, api_version: str = "") -> Values:
    """The state of an object: its live form, the inputs behind it, and our field manager.

    Args:
        inputs: Checked inputs, with secrets.
        live: The object as the API server has it.
        manager: Field manager it was written with.
        api_version: The API version it was first created with; empty means that of the inputs.
    """
    kept = {
        **live,
        "metadata": {key: value for key, value in live["metadata"].items() if key != "managedFields"},
    }
    recorded = protect(to_values(to_object(inputs)), inputs)
    first = api_version or str(unwrap(inputs.get("apiVersion")) or "")
    return {**protect(to_values(kept), inputs), INPUTS: recorded, API_VERSION: first, MANAGER: manager}


def previewed(values: Values, inputs: Object) -> Values:
    """Outputs of a dry run that creates an object, with what only the real run can tell made unknown."""
    metadata = values.get("metadata")
    if isinstance(metadata, dict):
        unknown = {key: UNKNOWN for key in ("uid", "resourceVersion", "creationTimestamp") if key in metadata}
        values = {**values, "metadata": {**metadata, **unknown}}
    if "status" in values:
        values = {**values, "status": UNKNOWN}
    if inputs.get("kind") == "Service":
        values = {**values, "spec": _service_spec(values.get("spec"), inputs)}
    return values


def _service_spec(spec: Value, inputs: Object) -> Value:
    if not isinstance(spec, dict):
        return spec
    given = inputs.get("spec") or {}
    unknown: dict[str, Value] = {}
    if given.get("clusterIP") is None:
        unknown = {key: UNKNOWN for key in ("clusterIP", "clusterIPs") if key in spec}
    ports = spec.get("ports")
    asked: list[Any] = given.get("ports") or []
    if isinstance(ports, list) and len(ports) == len(asked):
        unknown["ports"] = [
            {**port, "nodePort": UNKNOWN}
            if isinstance(port, dict) and "nodePort" in port and get(ask, "nodePort") is None
            else port
            for port, ask in zip(ports, asked, strict=True)
        ]
    return {**spec, **unknown}


def sent(inputs: Values, state: Values) -> Values:
    """The inputs behind a state, which are not the engine's when an update has been written and has failed.

    Args:
        inputs: The inputs of the last successful update, as the engine keeps them.
        state: The state; empty for an import.
    """
    recorded = state.get(INPUTS)
    return recorded if isinstance(recorded, dict) else inputs


def manager_of(state: Values) -> str:
    """The field manager in a state, empty where there is none."""
    manager = unwrap(state.get(MANAGER))
    return manager if isinstance(manager, str) else ""
