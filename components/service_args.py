"""What a service runs as, and the rules for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import pulumi

from . import config_data, references
from .autoscaler import MOST_REPLICAS, Autoscaling
from .canary_args import Canary, canary_checks
from .ingress import Ingress
from .kubectl import Cluster
from .naming import LONGEST_NAME
from .network import Network
from .pod import Resources
from .pull_secret import RegistryLogin
from .rollout import Rollout
from .rules import dns_label, dns_subdomain, http_path, in_range, one_of, require, service_name, when

ServiceType = Literal["ClusterIP", "NodePort", "LoadBalancer"]


@dataclass(frozen=True, kw_only=True)
class GoServiceArgs:
    """Arguments of GoService. Raises ArgsError, listing everything that is wrong."""

    image: pulumi.Input[str]
    """Image by digest, `repository@sha256:…`."""
    version: str = ""
    """Version of the image, shown on its pods; empty shows none."""
    commit: str = ""
    """Commit of the image, shown on its pods; empty shows none."""
    rollback: bool = False
    """Whether the image is one that ran before, and needs no trial."""
    name: str = "sample"
    """Name of the Kubernetes objects; DNS-1123, at most 40 characters."""
    namespace: str = "sample"
    """Kubernetes namespace everything is put in."""
    cluster: Cluster = field(default_factory=Cluster)
    """Where the namespace is: the cluster of the provider, as kubectl reaches it."""
    unproven: str = ""
    """How many releases did not come up, as Access tells; a new count has the same release tried again."""
    create_namespace: bool = True
    """Create the namespace with pod security "restricted"; False uses one that exists."""
    port: int = 8080
    """TCP port the process listens on, 1024-65535; passed to it as PORT."""
    type: ServiceType = "ClusterIP"
    """Kind of the Kubernetes Service."""
    node_port: int = 0
    """Node port of a NodePort service, 30000-32767; 0 lets the cluster choose."""
    replicas: int = 2
    """Pods when autoscaling is off, 1-1000."""
    liveness_path: str = "/health/live"
    """HTTP path of the liveness probe."""
    readiness_path: str = "/health/ready"
    """HTTP path of the readiness probe."""
    registry_login: RegistryLogin | None = None
    """Login the cluster pulls with, in a pull secret made here; a change rolls the pods. None makes none."""
    pull_secrets: tuple[str, ...] = ()
    """Names of further pull secrets, which have to exist in the namespace."""
    resources: Resources = field(default_factory=Resources)
    """CPU and memory of a pod."""
    autoscaling: Autoscaling = field(default_factory=Autoscaling)
    """How many pods there are, by load."""
    rollout: Rollout = field(default_factory=Rollout)
    """How a new version replaces the old one."""
    canary: Canary = field(default_factory=Canary)
    """How a new version is tried with the strategy canary."""
    ingress: Ingress = field(default_factory=Ingress)
    """The way in from outside; none by default."""
    network: Network = field(default_factory=Network)
    """Who may talk to the pods, and to whom they may."""
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    """Environment variables in clear; a change rolls the pods."""
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]], repr=False)
    """Secret environment variables; a change rolls the pods."""

    def __post_init__(self) -> None:
        stray = when(
            bool(self.node_port) and self.type != "NodePort",
            f"{self.node_port} needs the type NodePort, not {self.type}; set the type, or leave the port out",
        )
        scaled = self.autoscaling
        fewest = scaled.min_replicas if scaled.enabled else self.replicas
        require(
            self,
            ("image", references.by_digest(self.image) if isinstance(self.image, str) else None),
            ("name", service_name(self.name, LONGEST_NAME)),
            ("namespace", dns_label(self.namespace)),
            ("port", in_range(self.port, 1024, 65535)),
            ("type", one_of(self.type, get_args(ServiceType))),
            ("node_port", in_range(self.node_port, 30000, 32767) if self.node_port else None),
            ("node_port", stray, "type"),
            ("replicas", in_range(self.replicas, 1, MOST_REPLICAS)),
            ("liveness_path", http_path(self.liveness_path)),
            ("readiness_path", http_path(self.readiness_path)),
            *(("pull_secrets", dns_subdomain(name)) for name in self.pull_secrets),
            *canary_checks(self.canary, self.rollout, self.network, fewest),
            *config_data.env_checks(self.env),
            *config_data.secret_checks(self.secrets, self.env),
        )
