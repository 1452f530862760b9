"""How many releases did not come up, or were not seen to."""

from ...shared import UNPROVEN
from ..kubectl import Kubectl


def count_unproven(cluster: Kubectl, service: str) -> int:
    """The count on the Deployment; 0 without one. Raises ClusterError."""
    deployment = cluster.get("deployment", service)
    notes: dict[str, str] = deployment["metadata"].get("annotations", {}) if deployment else {}
    return int(notes.get(UNPROVEN, "0"))
