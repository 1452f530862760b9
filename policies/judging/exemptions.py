"""Exemptions: a resource that a rule lets through for a reason, until a day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from ..model import Resource

SCHEMA: dict[str, Any] = {
    "type": "array",
    "description": "Resources the rule lets through, each for a reason and until a day",
    "default": [],
    "items": {
        "type": "object",
        "required": ["resource", "reason", "expires"],
        "additionalProperties": False,
        "properties": {
            "resource": {
                "type": "string",
                "minLength": 1,
                "description": "Name of the resource (namespace/name of a manifest), or its URN",
            },
            "reason": {"type": "string", "minLength": 1, "description": "Why the rule need not hold there"},
            "expires": {
                "type": "string",
                "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                "description": "Last day it holds, YYYY-MM-DD",
            },
        },
    },
}


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """One resource that one rule lets through."""

    resource: str
    """Its name, or its URN."""
    reason: str
    """Why the rule need not hold there."""
    expires: date
    """Last day it holds."""

    def covers(self, resource: Resource) -> bool:
        """Whether it is about a resource."""
        return self.resource in (resource.name, resource.origin)

    def is_over(self, today: date) -> bool:
        """Whether its last day has passed."""
        return today > self.expires
