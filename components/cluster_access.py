"""Whether the cluster lets this program in, asked before anything is built or touched.

pulumi-kubernetes takes an unreachable cluster for an empty one in previews, and asks it late in updates.
"""

import pulumi

from .kubectl import ClusterError, Kubectl, KubectlMissingError


def require_access() -> None:
    """Raises pulumi.RunError where the cluster does not answer or refuses the credentials.

    The cluster is that of KUBECONFIG, in the context of `kubernetes:context` where the stack sets one. A
    kubeconfig within the stack's settings is left to the plugin.
    """
    config = pulumi.Config("kubernetes")
    if config.get("kubeconfig"):
        return
    context = [f"--context={context}"] if (context := config.get("context")) else []
    cluster = Kubectl(namespace="default", patience=0)
    try:
        cluster.run("get", "--raw", "/version", *context)
    except KubectlMissingError as error:
        pulumi.log.warn(f"{error}; without it a failed release is not taken back")
    except ClusterError as error:
        raise pulumi.RunError(
            f"the cluster{_address(cluster, context)} cannot be used: {error}\n"
            "  → Have KUBECONFIG name a cluster that answers, and renew its credentials. Nothing was touched."
        ) from None


def _address(cluster: Kubectl, context: list[str]) -> str:
    server = "jsonpath={.clusters[0].cluster.server}"
    try:
        found = cluster.run("config", "view", "--minify", "--output", server, *context)
    except ClusterError:
        return ""  # there is none, which the first error says
    return f" at {found}" if found else ""
