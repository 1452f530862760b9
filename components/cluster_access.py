"""Which cluster the stack deploys to, and whether it lets this program in.

Asked before anything is built or touched: pulumi-kubernetes takes an unreachable cluster for an empty one in
previews, and asks it late in updates.
"""

from dataclasses import dataclass

import pulumi

from .kubectl import Cluster, ClusterError, Kubectl, configured_cluster
from .naming import UNPROVEN, annotation


@dataclass(frozen=True, kw_only=True)
class Access:
    """A cluster that answers, and what has to be known of it before a release."""

    cluster: Cluster
    """Which one it is."""
    unproven: str
    """How many releases of the service did not come up; empty for none."""


def require_access(namespace: str, service: str) -> Access:
    """The cluster of KUBECONFIG, or of `kubernetes:kubeconfig`, `:context` and `:cluster` where they are set.

    Raises pulumi.RunError where it does not answer or refuses the credentials, and without kubectl.
    """
    try:
        cluster = configured_cluster(pulumi.Config("kubernetes").get)
    except ClusterError as error:
        raise pulumi.RunError(f"{error} Nothing was touched.") from None
    kubectl = Kubectl(namespace=namespace, cluster=cluster, patience=0)
    try:
        deployment = kubectl.get("deployment", service)
    except ClusterError as error:
        raise pulumi.RunError(
            f"the cluster{_address(kubectl)} cannot be used: {error}\n"
            "  → Have KUBECONFIG name a cluster that answers, renew its credentials, have kubectl on PATH."
            " Nothing was touched."
        ) from None
    notes: dict[str, str] = deployment["metadata"].get("annotations", {}) if deployment else {}
    count = notes.get(annotation(UNPROVEN), "0")
    return Access(cluster=cluster, unproven="" if count == "0" else count)


def _address(kubectl: Kubectl) -> str:
    server = "jsonpath={.clusters[0].cluster.server}"
    try:
        found = kubectl.run("config", "view", "--minify", "--output", server)
    except ClusterError:
        return ""  # there is none, which the first error says
    return f" at {found}" if found else ""
