"""GoService: an image runs on Kubernetes, released pod by pod."""

from typing import Any

import pulumi

from . import manifests
from .canary import CanaryTrack, CanaryTrackArgs
from .config_data import config_hash, secret_hash
from .kubectl import Kubectl
from .kubernetes import KubernetesObject
from .naming import token
from .ownership import guard
from .pod import variables
from .rollout_hooks import Rollout, rollout_hooks
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
        cluster = Kubectl(namespace=args.namespace, cluster=args.cluster, say=pulumi.log.info)
        timeouts = pulumi.CustomTimeouts(create=args.rollout.wait, update=args.rollout.wait)
        owned = guard(name, cluster, args.name)

        def add(
            role: str,
            manifest: manifests.Manifest,
            *after: pulumi.Resource,
            hooks: pulumi.ResourceHookBinding | None = None,
            retain: bool = False,
            replace: list[str] | None = None,
        ) -> KubernetesObject:
            opts = pulumi.ResourceOptions(
                parent=self,
                depends_on=after,
                custom_timeouts=timeouts,
                hooks=hooks or pulumi.ResourceHookBinding(before_create=[owned]),
                retain_on_delete=retain,
                replace_on_changes=replace,
            )
            return KubernetesObject(f"{name}-{role}", manifest, opts)

        # Others may have put something there.
        first = [add("namespace", manifests.namespace(args), retain=True)] if args.create_namespace else []
        account = add("account", manifests.service_account(args), *first)
        policy = add("network", manifests.network_policy(args), *first, replace=["spec"])
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

        own_pull_secrets: tuple[pulumi.Output[str], ...] = ()
        if args.registry_login:
            pull = add("pull", manifests.pull_secret(args, args.registry_login), *first)
            own_pull_secrets = (pull.object_name,)

        # The policy comes first: no pod runs a moment without it.
        before: list[pulumi.Resource] = [*first, account, policy]
        self.canary: CanaryTrack | None = None
        if args.rollout.strategy == "canary":
            self.canary = CanaryTrack(
                name,
                CanaryTrackArgs(
                    service=args.name,
                    namespace=args.namespace,
                    cluster=args.cluster,
                    manifest=manifests.canary(args, env, hashes, own_pull_secrets),
                    triggers=(args.image, *hashes.values(), manifests.pod_shape(args), *own_pull_secrets),
                    canary=args.canary,
                    rollout=args.rollout,
                    rollback=args.rollback,
                ),
                pulumi.ResourceOptions(parent=self, depends_on=list(before)),
            )
            before.append(self.canary)
        deployment = add(
            "deployment",
            manifests.deployment(args, env, hashes, own_pull_secrets),
            *before,
            hooks=rollout_hooks(
                name,
                Rollout(
                    cluster=cluster,
                    service=args.name,
                    seconds=args.rollout.timeout_seconds,
                    unproven=args.unproven,
                    fewest=args.autoscaling.min_replicas if args.autoscaling.enabled else 0,
                    pull_secrets=args.pull_secrets,
                ),
                account.uid,
                owned,
            ),
        )
        # What old and new pods share changes only once the new ones are up.
        if args.autoscaling.enabled:
            add("autoscaler", manifests.autoscaler(args), *first, deployment)
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
