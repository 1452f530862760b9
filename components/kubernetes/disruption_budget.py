"""The PodDisruptionBudget of the stable track."""

from ..shared import track_selector
from .metadata import Manifest, Owner


def disruption_budget(owner: Owner) -> Manifest:
    """One pod at a time. `maxUnavailable`: `minAvailable` blocks every eviction of a single pod.

    Pods that are not ready can always be evicted: else those of a broken release keep a node from being
    drained.
    """
    spec = {
        "maxUnavailable": 1,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
        "selector": {"matchLabels": track_selector(owner.name, "stable")},
    }
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": owner.named,
        "spec": spec,
    }
