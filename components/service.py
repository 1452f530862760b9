"""GoService: an image runs on Kubernetes, released pod by pod."""

from typing import Any

import pulumi

from . import foreign, manifests, take_back
from .canary import CanaryTrack, CanaryTrackArgs
from .config_data import config_hash, secret_hash
from .kubernetes import KubernetesObject
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

        def add(
            role: str,
            manifest: manifests.Manifest,
            *after: pulumi.Resource,
            hooks: pulumi.ResourceHookBinding | None = None,
        ) -> KubernetesObject:
            opts = pulumi.ResourceOptions(
                parent=self, depends_on=after, custom_timeouts=timeouts, hooks=hooks
            )
            return KubernetesObject(f"{name}-{role}", manifest, opts)

        first = [add("namespace", manifests.namespace(args))] if args.create_namespace else []
        account = add("account", manifests.service_account(args), *first)
        policy = add("network", manifests.network_policy(args), *first)
        add("budget", manifests.disruption_budget(args), *first)

        env: list[dict[str, Any]] = []
        hashes: dict[str, pulumi.Input[str]] = {}
        if args.env:
            config = add("config", manifests.config_map(args), *first)
            env += variables("configMapKeyRef", config.object_name, list(args.env))
            hashes["checksum/config"] = config_hash(args.env)
        if args.secrets:
            secret = add("secret", manifests.secret(args), *first)
            env += variables("secretKeyRef", secret.object_name, list(args.secrets))
            hashes["checksum/secret"] = secret_hash(args.secrets, f"{args.namespace}/{args.name}")

        # The policy comes first: no pod runs a moment without it.
        before: list[pulumi.Resource] = [*first, account, policy]
        self.canary: CanaryTrack | None = None
        if args.rollout.strategy == "canary":
            self.canary = CanaryTrack(
                name,
                CanaryTrackArgs(
                    service=args.name,
                    namespace=args.namespace,
                    manifest=manifests.canary(args, env, hashes),
                    triggers=(args.image, *hashes.values(), manifests.pod_shape(args)),
                    canary=args.canary,
                    rollout=args.rollout,
                    rollback=args.rollback,
                ),
                pulumi.ResourceOptions(parent=self, depends_on=list(before)),
            )
            before.append(self.canary)
        deployment = add(
            "deployment",
            manifests.deployment(args, env, hashes),
            *before,
            hooks=pulumi.ResourceHookBinding(
                before_create=[foreign.guard(name, args.namespace, args.name)],
                on_error=[take_back.hook(name, args.namespace, args.name)],
            ),
        )
        if args.autoscaling.enabled:
            add("autoscaler", manifests.autoscaler(args), *first)
        # After the Deployment: it would wait for endpoints that a failed first release never gives.
        service = add("service", manifests.service(args), *first, deployment)
        if args.ingress.host:
            add("ingress", manifests.ingress(args), *first, service)

        self.namespace = args.namespace
        self.deployment = deployment.object_name
        self.service = service.object_name
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
