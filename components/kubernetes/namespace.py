"""The Namespace, which refuses pods below the Pod Security Standard "restricted"."""

from ..shared import MANAGED, RESTRICTED
from .metadata import Manifest


def namespace(name: str) -> Manifest:
    """Without labels of a service: several may be in it."""
    metadata = {"name": name, "labels": MANAGED | RESTRICTED}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
