"""The pod template, one shape for every strategy: restricted security, and a graceful stop."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi

from ..shared import COMMIT, VERSION, Release, label_value, labels, track_selector
from .metadata import Owner
from .metrics import Metrics, metrics_ports, scrape_annotations
from .probes import Probes, probes
from .resources import Resources, resources

USER = 65534  # nobody; the image's own user
_NO_IMAGE = f"none@sha256:{'0' * 64}"


@dataclass(frozen=True, kw_only=True)
class Pod:
    """What the pods of one service differ in."""

    owner: Owner
    """Their service, whose name the container and the service account have, too."""
    release: Release
    """What they run."""
    port: int
    """TCP port the process listens on."""
    probes: Probes
    """What the kubelet asks of them."""
    metrics: Metrics = field(default_factory=Metrics)
    """Where Prometheus reads their metrics."""
    resources: Resources
    """CPU and memory."""
    pre_stop_seconds: int
    """Pause before SIGTERM."""
    grace_seconds: int
    """From the decision to stop a pod to SIGKILL, the pause included."""
    pull_secrets: tuple[pulumi.Input[str], ...]
    """Names of pull secrets in the namespace."""
    env: tuple[dict[str, Any], ...] = ()
    """Environment besides PORT, as `variables` makes it."""
    hashes: Mapping[str, pulumi.Input[str]]
    """Annotations with hashes of the configuration: a change rolls the pods."""


def pod_template(pod: Pod, track: str) -> dict[str, Any]:
    """Pod template of a track that meets the Pod Security Standard "restricted"."""
    selector = track_selector(pod.owner.name, track)
    spec: dict[str, Any] = {
        "serviceAccountName": pod.owner.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": pod.grace_seconds,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": [
            _spread("kubernetes.io/hostname", selector),
            _spread("topology.kubernetes.io/zone", selector),
        ],
        "containers": [_container(pod)],
    }
    if pod.pull_secrets:
        spec["imagePullSecrets"] = [{"name": name} for name in pod.pull_secrets]
    version = {VERSION: label_value(pod.release.version)} if pod.release.version else {}
    commit = {COMMIT: pod.release.commit} if pod.release.commit else {}
    scraped = scrape_annotations(pod.metrics, pod.port)
    return {
        "metadata": {
            "labels": labels(pod.owner.name) | selector | version,
            "annotations": {**scraped, **commit, **pod.hashes},
        },
        "spec": spec,
    }


def pod_shape(pod: Pod, pull_secrets: tuple[str, ...]) -> str:
    """Hash of all that pods are but release, environment and logins, 16 hex digits.

    pull_secrets: those that were not made for a login.
    """
    bare = replace(pod, release=Release(image=_NO_IMAGE), pull_secrets=pull_secrets, env=(), hashes={})
    template = pod_template(bare, track="")
    return hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:16]


def _container(pod: Pod) -> dict[str, Any]:
    container: dict[str, Any] = {
        "name": pod.owner.name,
        "image": pod.release.image,
        "ports": [
            {"name": "http", "containerPort": pod.port, "protocol": "TCP"},
            *metrics_ports(pod.metrics, pod.port),
        ],
        "env": [{"name": "PORT", "value": str(pod.port)}, *pod.env],
        "resources": resources(pod.resources),
        **probes(pod.probes, pod.port),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    if pod.pre_stop_seconds:
        # The kubelet's own sleep: the image has no shell to sleep with.
        container["lifecycle"] = {"preStop": {"sleep": {"seconds": pod.pre_stop_seconds}}}
    return container


def _spread(topology: str, selector: dict[str, str]) -> dict[str, Any]:
    return {
        "maxSkew": 1,
        "topologyKey": topology,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": selector},
    }
