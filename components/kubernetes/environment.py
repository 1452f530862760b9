"""Environment variables of the process, whatever object they come from."""

import json
from collections.abc import Mapping
from typing import Any, Literal

import pulumi

from ..shared import variable_name


def variables(
    kind: Literal["configMapKeyRef", "secretKeyRef"], source: pulumi.Input[str], names: list[str]
) -> list[dict[str, Any]]:
    """Variables of a container from the keys of a ConfigMap or Secret."""
    return [{"name": name, "valueFrom": {kind: {"name": source, "key": name}}} for name in sorted(names)]


def variable(name: str) -> str | None:
    """Refuses what is not the name of a variable that is the user's to set."""
    return "is set from service.port; leave it out" if name == "PORT" else variable_name(name)


def canonical(values: Mapping[str, str]) -> bytes:
    """The same bytes for the same values, to be hashed."""
    return json.dumps(dict(values), sort_keys=True).encode()
