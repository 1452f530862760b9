"""GoService: an image runs on Kubernetes, released pod by pod."""

from typing import Any

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment
from pulumi_kubernetes.autoscaling.v2 import HorizontalPodAutoscaler
from pulumi_kubernetes.core.v1 import ConfigMap, Namespace, Secret, Service, ServiceAccount
from pulumi_kubernetes.networking.v1 import Ingress, NetworkPolicy
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget

from . import manifests
from .config_data import config_hash, secret_hash
from .naming import token
from .pod import variables
from .service_args import GoServiceArgs

__all__ = ["GoService", "GoServiceArgs"]


class GoService(pulumi.ComponentResource):
    """Everything one service needs in its namespace. A failed release leaves the old version running."""

    namespace: str
    """Namespace everything is in."""
    deployment: pulumi.Output[str]
    """Name of the Deployment."""
    service: pulumi.Output[str]
    """Name of the Kubernetes Service."""
    url: str
    """Address at the Ingress; without one the address within the cluster."""

    def __init__(self, name: str, args: GoServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(token("service", "GoService"), name, None, opts)
        timeouts = pulumi.CustomTimeouts(create=args.rollout.wait, update=args.rollout.wait)

        def child(*after: pulumi.Resource) -> pulumi.ResourceOptions:
            return pulumi.ResourceOptions(parent=self, depends_on=after, custom_timeouts=timeouts)

        first: list[pulumi.Resource] = []
        if args.create_namespace:
            first.append(Namespace(f"{name}-namespace", **manifests.namespace(args), opts=child()))
        account = ServiceAccount(f"{name}-account", **manifests.service_account(args), opts=child(*first))
        policy = NetworkPolicy(f"{name}-network", **manifests.network_policy(args), opts=child(*first))
        PodDisruptionBudget(f"{name}-budget", **manifests.disruption_budget(args), opts=child(*first))

        env, hashes = self._environment(name, args, child(*first))
        deployment = Deployment(
            f"{name}-deployment",
            **manifests.deployment(args, env, hashes),
            opts=child(*first, account, policy),  # the policy first: no pod runs a moment without it
        )
        if args.autoscaling.enabled:
            HorizontalPodAutoscaler(f"{name}-autoscaler", **manifests.autoscaler(args), opts=child(*first))
        # After the Deployment: it would wait for endpoints that a failed first release never gives.
        service = Service(f"{name}-service", **manifests.service(args), opts=child(*first, deployment))
        if args.ingress.host:
            Ingress(f"{name}-ingress", **manifests.ingress(args), opts=child(*first, service))

        self.namespace = args.namespace
        self.deployment = deployment.metadata.name
        self.service = service.metadata.name
        in_cluster = f"http://{args.name}.{args.namespace}.svc/"
        self.url = f"https://{args.ingress.host}/" if args.ingress.host else in_cluster
        self.register_outputs(
            {
                "namespace": self.namespace,
                "deployment": self.deployment,
                "service": self.service,
                "url": self.url,
            }
        )

    @staticmethod
    def _environment(
        name: str, args: GoServiceArgs, opts: pulumi.ResourceOptions
    ) -> tuple[list[dict[str, Any]], dict[str, pulumi.Input[str]]]:
        """Makes the ConfigMap and Secret there is content for. Returns variables and content hashes."""
        env: list[dict[str, Any]] = []
        hashes: dict[str, pulumi.Input[str]] = {}
        if args.env:
            config = ConfigMap(f"{name}-config", **manifests.config_map(args), opts=opts)
            env += variables("configMapKeyRef", config.metadata.name, list(args.env))
            hashes["checksum/config"] = config_hash(args.env)
        if args.secrets:
            secret = Secret(f"{name}-secret", **manifests.secret(args), opts=opts)
            env += variables("secretKeyRef", secret.metadata.name, list(args.secrets))
            hashes["checksum/secret"] = secret_hash(args.secrets, f"{args.namespace}/{args.name}")
        return env, hashes
