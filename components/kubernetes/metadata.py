"""Names and labels of a service's objects."""

from dataclasses import dataclass
from typing import Any

from ..shared import labels

Manifest = dict[str, Any]
"""A Kubernetes object; values that are not known yet are Outputs."""


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The service that objects belong to."""

    name: str
    """Its name."""
    namespace: str
    """Namespace of all of its objects."""

    @property
    def unnamed(self) -> Manifest:
        """Metadata without a name: Pulumi gives each content its own, so that old pods keep theirs."""
        return {"namespace": self.namespace, "labels": labels(self.name)}

    @property
    def named(self) -> Manifest:
        """Metadata with the name of the service."""
        return {"name": self.name} | self.unnamed
