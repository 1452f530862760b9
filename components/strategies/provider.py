"""The cluster of a component: that of the Kubernetes provider which its children get."""

from collections.abc import Callable

import pulumi

from ..cluster import ClusterError, Kubectl, configured_cluster

_SETTINGS = ("kubeconfig", "context", "cluster")


def cluster_of(component: pulumi.ComponentResource, namespace: str) -> pulumi.Output[Kubectl]:
    """kubectl for a namespace, in the cluster that Pulumi deploys the component's children to.

    Raises pulumi.RunError where kubectl cannot follow the provider.
    """

    def kubectl(setting: Callable[[str], str | None]) -> pulumi.Output[Kubectl]:
        try:
            cluster = configured_cluster(setting)
        except ClusterError as error:
            raise pulumi.RunError(str(error)) from None
        found = pulumi.Output.from_input(Kubectl(namespace=namespace, cluster=cluster, say=pulumi.log.info))
        # The gate is told, and what it is told is in the state.
        return pulumi.Output.secret(found) if cluster.is_secret else found

    provider = component.get_provider("kubernetes:core/v1:Namespace")
    if provider is None:  # the default one, which takes them from the stack's configuration
        return kubectl(pulumi.Config("kubernetes").get)
    # pulumi_kubernetes gives a provider its settings as attributes; its class is not imported for them.
    own = pulumi.Output.all(**{key: getattr(provider, key, None) for key in _SETTINGS})
    return own.apply(lambda values: kubectl(values.get))
