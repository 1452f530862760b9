"""Whether kubectl reaches the cluster that Pulumi deploys to."""

from .errors import ClusterError
from .kubectl import Kubectl


class WrongClusterError(ClusterError):
    """kubectl reaches another cluster than Pulumi; nothing was touched."""


def require_same_cluster(cluster: Kubectl, kind: str, name: str, uid: str) -> None:
    """Raises WrongClusterError if an object does not have the uid that Pulumi knows.

    uid: empty if it is not known yet, as in the preview of a first release.
    """
    if not uid:
        return
    found = (cluster.get(kind.lower(), name) or {"metadata": {"uid": "none"}})["metadata"]["uid"]
    if found != uid:
        raise WrongClusterError(
            f"kubectl reaches another cluster than Pulumi: {kind} {name} has uid {found} there, not {uid}; "
            "have KUBECONFIG, cluster.context or kubernetes:context name Pulumi's, or run `pulumi refresh` "
            "if the cluster was made anew"
        )
