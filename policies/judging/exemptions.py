"""Exemptions: resources that are exempt from a rule, for a reason and until a date."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from ..model import Resource

SCHEMA: dict[str, Any] = {
    "type": "array",
    "description": "Resources that are exempt from the rule, each with a reason and an expiry date",
    "default": [],
    "items": {
        "type": "object",
        "required": ["resource", "reason", "expires"],
        "additionalProperties": False,
        "properties": {
            "resource": {
                "type": "string",
                "minLength": 1,
                "description": "Name of the resource (namespace/name for a manifest), or its URN",
            },
            "reason": {"type": "string", "minLength": 1, "description": "Why the resource is exempt"},
            "expires": {
                "type": "string",
                "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                "description": "Last day of the exemption, YYYY-MM-DD",
            },
        },
    },
}


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """Exempts one resource from one rule."""

    resource: str
    """Name or URN."""
    reason: str
    """Why the resource is exempt."""
    expires: date
    """Last day of the exemption."""

    def covers(self, resource: Resource) -> bool:
        """Whether it exempts a resource."""
        return self.resource in (resource.name, resource.origin)

    def has_expired(self, today: date) -> bool:
        """Whether its last day has passed."""
        return today > self.expires
