"""GoService: an image runs on Kubernetes, released pod by pod."""

from typing import Any

import pulumi

from ..kubernetes import (
    KubernetesObject,
    Manifest,
    Owner,
    Pod,
    autoscaler,
    config_hash,
    config_map,
    disruption_budget,
    ingress,
    monitor,
    namespace,
    network_policy,
    pod_shape,
    pull_secret,
    secret,
    secret_hash,
    service,
    service_account,
    variables,
)
from ..shared import CONFIG_HASH, SECRET_HASH, TOKENS
from ..strategies import CanaryTrack, Workload, cluster_of, deploy, monitor_guard, ownership_guard
from .args import GoServiceArgs


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
        super().__init__(TOKENS["GoService"], name, None, opts)
        owner = Owner(name=args.name, namespace=args.namespace)
        cluster = cluster_of(self, args.namespace)
        timeouts = pulumi.CustomTimeouts(create=args.rollout.wait, update=args.rollout.wait)
        guard = ownership_guard(name, cluster, args.name)

        def options(*after: pulumi.Resource) -> pulumi.ResourceOptions:
            return pulumi.ResourceOptions(parent=self, depends_on=after, custom_timeouts=timeouts)

        def add(
            role: str,
            manifest: Manifest,
            *after: pulumi.Resource,
            guards: tuple[pulumi.ResourceHook, ...] = (),
            **more: Any,
        ) -> KubernetesObject:
            hooks = pulumi.ResourceHookBinding(before_create=[guard, *guards])
            opts = pulumi.ResourceOptions.merge(options(*after), pulumi.ResourceOptions(hooks=hooks, **more))
            return KubernetesObject(f"{name}-{role}", manifest, opts)

        # Others may have put something into a namespace, so it is never deleted.
        first = (
            [add("namespace", namespace(args.namespace), retain_on_delete=True)]
            if args.create_namespace
            else []
        )
        account = add("account", service_account(owner), *first)
        allowed = network_policy(owner, args.network, metrics_port=bool(args.metrics.own_port(args.port)))
        policy = add("network", allowed, *first, replace_on_changes=["spec"])
        # What pods have to wait for: none runs a moment without the policy.
        before = [*first, account, policy]
        add("budget", disruption_budget(owner), *first)
        if args.metrics.monitor != "none":
            kinds = (monitor_guard(name, cluster),)
            scraped = monitor(owner, args.metrics, args.port)
            # A trial of the pods is measured by what it has Prometheus scrape.
            before.append(add("monitor", scraped, *first, guards=kinds, replace_on_changes=["spec"]))

        env: list[dict[str, Any]] = []
        hashes: dict[str, pulumi.Input[str]] = {}
        if args.env:
            config = add("config", config_map(owner, args.env), *first)
            env += variables("configMapKeyRef", config.object_name, list(args.env))
            hashes[CONFIG_HASH] = config_hash(args.env)
        if args.secrets:
            secrets = add("secret", secret(owner, args.secrets), *first)
            env += variables("secretKeyRef", secrets.object_name, list(args.secrets))
            hashes[SECRET_HASH] = secret_hash(args.secrets, f"{args.namespace}/{args.name}")
        login: tuple[pulumi.Output[str], ...] = ()
        if args.registry_login:
            login = (add("pull", pull_secret(owner, args.registry_login), *first).object_name,)

        pod = Pod(
            owner=owner,
            release=args.release,
            port=args.port,
            probes=args.probes,
            metrics=args.metrics,
            resources=args.resources,
            pre_stop_seconds=args.rollout.pre_stop_seconds,
            grace_seconds=args.rollout.grace_seconds,
            pull_secrets=(*login, *args.pull_secrets),
            env=tuple(env),
            hashes=hashes,
        )
        shape = pod_shape(pod, args.pull_secrets)
        workload = Workload(
            pod=pod,
            rollout=args.rollout,
            autoscaling=args.autoscaling,
            replicas=args.replicas,
            triggers=(args.release.image, *hashes.values(), shape, *login),
            pull_secrets=args.pull_secrets,
            account=account,
            cluster=cluster,
            guard=guard,
        )
        deployed = deploy(name, args.strategy, workload, options(*before))
        # What old and new pods share changes only once the new ones are up.
        if args.autoscaling.enabled:
            add("autoscaler", autoscaler(owner, args.autoscaling), *first, deployed.deployment)
        # After the Deployment: it would wait for endpoints that a failed first release never gives.
        front = add("service", service(owner, args.exposure), *first, deployed.deployment)
        if args.ingress.host:
            add("ingress", ingress(owner, args.ingress), *first, front)

        self.namespace = args.namespace
        self.deployment = deployed.deployment.object_name
        self.service = front.object_name
        in_cluster = f"http://{args.name}.{args.namespace}.svc/"
        self.url = f"https://{args.ingress.host}/" if args.ingress.host else in_cluster
        self.canary: CanaryTrack | None = deployed.canary
        self.register_outputs(
            {
                "namespace": self.namespace,
                "deployment": self.deployment,
                "service": self.service,
                "url": self.url,
            }
        )
