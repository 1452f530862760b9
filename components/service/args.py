"""What a service runs as, and the rules for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

import pulumi

from ..kubernetes import (
    PODS,
    Autoscaling,
    Exposure,
    Ingress,
    Metrics,
    Network,
    Probes,
    RegistryLogin,
    Resources,
    Rollout,
    env_checks,
    secret_checks,
)
from ..shared import (
    Between,
    Release,
    dns_label,
    dns_subdomain,
    references,
    require,
    service_name,
)
from ..strategies import Rolling, Strategy, canary_checks


@dataclass(frozen=True, kw_only=True)
class GoServiceArgs:
    """Arguments of GoService. Raises ArgsError, listing everything that is wrong."""

    release: Release
    """What runs: `GoImage.release`, or an image that exists, by its digest."""
    name: Annotated[str, service_name] = "sample"
    """Name of the service and of its Kubernetes objects; DNS-1123, at most 40 characters."""
    namespace: Annotated[str, dns_label] = "sample"
    """Kubernetes namespace that everything is put in."""
    create_namespace: bool = True
    """Create the namespace, with pod security "restricted" enforced; false uses one that exists."""
    port: Annotated[int, Between(1024, 65535)] = 8080
    """TCP port that the process listens on, above 1023 as it does not run as root; passed to it as PORT."""
    exposure: Exposure = field(default_factory=Exposure)
    """Where the service can be reached from."""
    replicas: Annotated[int, PODS] = 2
    """Number of pods when autoscaling is off."""
    probes: Probes = field(default_factory=Probes)
    """What the kubelet asks of the pods."""
    metrics: Metrics = field(default_factory=Metrics)
    """Where and how Prometheus reads the metrics of the pods."""
    registry_login: RegistryLogin | None = None
    """Login the cluster pulls with, in a pull secret made here; a change rolls the pods. None makes none."""
    pull_secrets: tuple[Annotated[str, dns_subdomain], ...] = ()
    """Names of further pull secrets, which have to exist in the namespace before the first pod; the registry
    user needs none."""
    resources: Resources = field(default_factory=Resources)
    """CPU and memory of a pod."""
    autoscaling: Autoscaling = field(default_factory=Autoscaling)
    """How many pods there are, by load."""
    strategy: Strategy = field(default_factory=Rolling)
    """How a new version replaces the old one."""
    rollout: Rollout = field(default_factory=Rollout)
    """Pace of a rollout, whatever the strategy."""
    ingress: Ingress = field(default_factory=Ingress)
    """The way in from outside; none by default."""
    network: Network = field(default_factory=Network)
    """Who may talk to the pods, and to whom they may."""
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    """Environment variables of the process in clear, from a ConfigMap; a change rolls the pods."""
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]], repr=False)
    """Environment variables of the process from a Secret; a change rolls the pods."""

    def __post_init__(self) -> None:
        image = self.release.image
        scaled = self.autoscaling
        pods = scaled.min_replicas if scaled.enabled else self.replicas
        require(
            self,
            ("release.image", references.by_digest(image) if isinstance(image, str) else None),
            *canary_checks(self.strategy, self.network, self.probes, self.metrics, port=self.port, pods=pods),
            *env_checks(self.env),
            *secret_checks(self.secrets, self.env),
        )
