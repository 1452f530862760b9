"""Kinds that a cluster may lack, as others install them."""

import json

from .errors import NotFoundError
from .kubectl import Kubectl


def has_kind(cluster: Kubectl, group_version: str, kind: str) -> bool:
    """Whether the API server knows a kind, `PodMonitor` of `monitoring.coreos.com/v1`. Raises ClusterError.

    Asked by discovery, which everybody may read and kubectl keeps no copy of here.
    """
    try:
        found = json.loads(cluster.run("get", "--raw", f"/apis/{group_version}"))
    except NotFoundError:
        return False
    return any(resource["kind"] == kind for resource in found["resources"])
