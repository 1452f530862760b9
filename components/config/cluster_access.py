"""Whether the cluster that the stack deploys to can be used.

Asked before anything is built or touched: pulumi-kubernetes takes an unreachable cluster for an empty one in
previews, and asks it late in updates.
"""

from collections.abc import Callable

import pulumi

from ..cluster import ClusterError, Kubectl, configured_cluster
from .settings import Settings


def kubectl_of(
    settings: Settings, *, say: Callable[[str], None] = lambda _line: None, patience: int = 120
) -> Kubectl:
    """kubectl in the namespace of the service, in the cluster that Pulumi deploys to. Raises ClusterError.

    say: takes one line about waiting. patience: maximum time that an API server may be away, seconds.
    """
    cluster = configured_cluster(settings.provider.get)
    return Kubectl(namespace=settings.namespace, cluster=cluster, say=say, patience=patience)


def require_access(settings: Settings) -> None:
    """Raises pulumi.RunError if the cluster cannot be used, or kubectl is missing."""
    try:
        kubectl = kubectl_of(settings, patience=0)
    except ClusterError as error:
        raise pulumi.RunError(f"{error} Nothing was touched.") from None
    try:
        kubectl.get("deployment", settings.name)
    except ClusterError as error:
        raise pulumi.RunError(
            f"the cluster{_address(kubectl)} cannot be used: {error}\n"
            "  → Choose a cluster that answers (KUBECONFIG, or the settings of cluster), renew its"
            " credentials, put kubectl on PATH. Nothing was touched."
        ) from None


def _address(kubectl: Kubectl) -> str:
    server = "jsonpath={.clusters[0].cluster.server}"
    try:
        found = kubectl.run("config", "view", "--minify", "--output", server)
    except ClusterError:
        return ""  # the first error says why
    return f" at {found}" if found else ""
