"""The Kubernetes provider of a stack whose settings choose a cluster."""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

import pulumi

from .choices import ClusterChoice

if TYPE_CHECKING:
    from .settings import Settings


def provider_settings(
    chosen: Mapping[str, str], given: Mapping[str, str], refuse: Callable[[str, str], None]
) -> dict[str, str]:
    """Settings of the provider by name.

    chosen: values of `cluster`. given: those of the stack for the default provider. refuse: takes a key and
    what is wrong with it.
    """
    for name in sorted(name for name in chosen if chosen[name] and given.get(name)):
        refuse(f"cluster.{name}", f"is set as kubernetes:{name} too; keep one of the two")
    return {**given, **{name: value for name, value in chosen.items() if value}}


def cluster_provider(settings: "Settings") -> pulumi.ProviderResource | None:
    """Registers a provider for the cluster that the settings choose; None leaves it to the default one.

    The class of pulumi_kubernetes is not used: importing it takes long, and it would put the path that
    KUBECONFIG has on this machine into the state.
    """
    if settings.cluster == ClusterChoice():
        return None
    kubeconfig = settings.provider.get("kubeconfig")
    secret = {"kubeconfig": pulumi.Output.secret(kubeconfig)} if kubeconfig else {}
    opts = pulumi.ResourceOptions(version=version("pulumi-kubernetes"))
    return pulumi.ProviderResource("kubernetes", "cluster", {**settings.provider, **secret}, opts)
