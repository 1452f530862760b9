"""Manifests of a service's Kubernetes objects."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pulumi

from .autoscaler import autoscaler_spec, replicas
from .ingress import ingress_spec
from .naming import (
    COMMIT,
    MANAGED,
    RESTRICTED,
    UNPROVEN,
    annotation,
    canary_name,
    labels,
    selector,
    track_selector,
)
from .network import network_policy_spec
from .pod import Pod, pod_template
from .pull_secret import DOCKER_CONFIG_TYPE, RegistryLogin, pull_secret_content
from .rollout import rolling_update
from .service_args import GoServiceArgs

Manifest = dict[str, Any]

# What somebody else has set is overwritten: without this, a preview ends in a conflict after `kubectl edit`,
# and an update after any other tool.
_BY_FORCE = {"pulumi.com/patchForce": "true"}
# The plugin does not wait: hooks and the gate do.
_NO_WAIT = {"pulumi.com/skipAwait": "true"}
_NO_IMAGE = f"none@sha256:{'0' * 64}"


def namespace(args: GoServiceArgs) -> Manifest:
    """A namespace that refuses pods below the Pod Security Standard "restricted"."""
    return _object("v1", "Namespace") | {"metadata": {"name": args.namespace, "labels": MANAGED | RESTRICTED}}


def service_account(args: GoServiceArgs) -> Manifest:
    return _object("v1", "ServiceAccount") | {
        "metadata": _metadata(args),
        "automountServiceAccountToken": False,
    }


def config_map(args: GoServiceArgs) -> Manifest:
    """Without a name: Pulumi gives each content its own, so that the old one lasts as long as its pods."""
    return _object("v1", "ConfigMap") | {
        "metadata": _unnamed(args),
        "immutable": True,
        "data": dict(args.env),
    }


def secret(args: GoServiceArgs) -> Manifest:
    """Without a name, as the ConfigMap."""
    values = pulumi.Output.secret(dict(args.secrets))
    return _object("v1", "Secret") | {
        "metadata": _unnamed(args),
        "immutable": True,
        "type": "Opaque",
        "stringData": values,
    }


def pull_secret(args: GoServiceArgs, login: RegistryLogin) -> Manifest:
    """Without a name, as the ConfigMap."""
    return _object("v1", "Secret") | {
        "metadata": _unnamed(args),
        "immutable": True,
        "type": DOCKER_CONFIG_TYPE,
        "stringData": pull_secret_content(login),
    }


def deployment(
    args: GoServiceArgs,
    env: list[dict[str, Any]],
    hashes: Mapping[str, pulumi.Input[str]],
    own_pull_secrets: tuple[pulumi.Input[str], ...] = (),
) -> Manifest:
    """The stable track, its pods with an environment besides PORT and with content hashes as annotations.

    own_pull_secrets: names of those made for the login, which go before the others.
    """
    tried = {annotation(f"after-{UNPROVEN}"): args.unproven} if args.unproven else {}
    metadata = _metadata(args) | {"annotations": _BY_FORCE | _NO_WAIT | tried}
    spec = replicas(args.autoscaling, args.replicas) | _deployment_spec(
        args, "stable", env, hashes, own_pull_secrets
    )
    return _object("apps/v1", "Deployment") | {"metadata": metadata, "spec": spec}


def canary(
    args: GoServiceArgs,
    env: list[dict[str, Any]],
    hashes: Mapping[str, pulumi.Input[str]],
    own_pull_secrets: tuple[pulumi.Input[str], ...] = (),
) -> Manifest:
    """The canary track: the same pods, of which there are none but during a trial.

    The gate scales it up and down again, so that at rest nothing differs from what is asked for here.
    """
    # By force: pods that the gate leaves behind when it is killed go, whoever scaled them up.
    metadata = _unnamed(args) | {
        "name": canary_name(args.name),
        "annotations": _BY_FORCE | _NO_WAIT,
    }
    spec = {"replicas": 0} | _deployment_spec(args, "canary", env, hashes, own_pull_secrets)
    return _object("apps/v1", "Deployment") | {"metadata": metadata, "spec": spec}


def pod_shape(args: GoServiceArgs) -> str:
    """Hash of all that the pods are but image, version, environment and login, 16 hex digits."""
    bare = _deployment_spec(replace(args, image=_NO_IMAGE, version="", commit=""), "", [], {})["template"]
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()[:16]


def _deployment_spec(
    args: GoServiceArgs,
    track: str,
    env: list[dict[str, Any]],
    hashes: Mapping[str, pulumi.Input[str]],
    own_pull_secrets: tuple[pulumi.Input[str], ...] = (),
) -> Manifest:
    found_by = track_selector(args.name, track)
    commit = {COMMIT: args.commit} if args.commit else {}
    pod = Pod(
        name=args.name,
        version=args.version,
        image=args.image,
        port=args.port,
        liveness_path=args.liveness_path,
        readiness_path=args.readiness_path,
        resources=args.resources,
        rollout=args.rollout,
        pull_secrets=(*own_pull_secrets, *args.pull_secrets),
        env=env,
        selector=found_by,
        labels=labels(args.name) | found_by,
        annotations={**commit, **hashes},
    )
    return {
        "selector": {"matchLabels": found_by},
        "strategy": rolling_update(),
        "progressDeadlineSeconds": args.rollout.timeout_seconds,
        "revisionHistoryLimit": 10,
        "template": pod_template(pod),
    }


def service(args: GoServiceArgs) -> Manifest:
    """The Kubernetes Service: port 80, named http, in front of the pods."""
    port: dict[str, Any] = {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}
    if args.node_port:
        port["nodePort"] = args.node_port
    spec = {"type": args.type, "selector": selector(args.name), "ports": [port]}
    return _object("v1", "Service") | {"metadata": _metadata(args), "spec": spec}


def autoscaler(args: GoServiceArgs) -> Manifest:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": args.name}
    return _object("autoscaling/v2", "HorizontalPodAutoscaler") | {
        "metadata": _metadata(args),
        "spec": autoscaler_spec(args.autoscaling, target),
    }


def disruption_budget(args: GoServiceArgs) -> Manifest:
    """One stable pod at a time. `maxUnavailable`: `minAvailable` blocks every eviction of a single pod.

    Pods that are not ready can always be evicted: else those of a broken release keep a node from being
    drained.
    """
    spec = {
        "maxUnavailable": 1,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
        "selector": {"matchLabels": track_selector(args.name, "stable")},
    }
    return _object("policy/v1", "PodDisruptionBudget") | {"metadata": _metadata(args), "spec": spec}


def network_policy(args: GoServiceArgs) -> Manifest:
    """Without a name, as the ConfigMap: what old pods are allowed they are as long as there are any."""
    return _object("networking.k8s.io/v1", "NetworkPolicy") | {
        "metadata": _unnamed(args),
        "spec": network_policy_spec(args.network, selector(args.name)),
    }


def ingress(args: GoServiceArgs) -> Manifest:
    metadata = _metadata(args) | {"annotations": dict(args.ingress.annotations)}
    return _object("networking.k8s.io/v1", "Ingress") | {
        "metadata": metadata,
        "spec": ingress_spec(args.ingress, args.name),
    }


def _object(api_version: str, kind: str) -> Manifest:
    return {"apiVersion": api_version, "kind": kind}


def _metadata(args: GoServiceArgs) -> Manifest:
    return {"name": args.name} | _unnamed(args)


def _unnamed(args: GoServiceArgs) -> Manifest:
    return {"namespace": args.namespace, "labels": labels(args.name)}
