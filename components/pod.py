"""The pod template, one shape for every strategy: probes, resources, environment and restricted security."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from . import quantity
from .naming import VERSION, label_value
from .rollout import Rollout
from .rules import require

USER = 65534  # nobody; the image's own user
START_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Resources:
    """CPU and memory of a pod, Kubernetes quantities. Raises ArgsError."""

    cpu_request: str = "100m"
    """CPU reserved, cores or thousandths."""
    memory_request: str = "64Mi"
    """Memory reserved, bytes with a unit."""
    cpu_limit: str = "500m"
    """CPU limit, at least the request."""
    memory_limit: str = "256Mi"
    """Memory limit, at least the request."""

    def __post_init__(self) -> None:
        require(
            self,
            ("cpu_request", quantity.cpu(self.cpu_request)),
            ("memory_request", quantity.memory(self.memory_request)),
            ("cpu_limit", quantity.cpu(self.cpu_limit)),
            ("memory_limit", quantity.memory(self.memory_limit)),
            ("cpu_limit", quantity.at_least(self.cpu_limit, self.cpu_request), "cpu_request"),
            ("memory_limit", quantity.at_least(self.memory_limit, self.memory_request), "memory_request"),
        )


@dataclass(frozen=True, kw_only=True)
class Pod:
    """What the pods of one service differ in."""

    name: str
    """Name of the service, its container and its service account."""
    version: str
    """Version of the image, for the label people look for; empty leaves it out."""
    image: pulumi.Input[str]
    """`repository@sha256:…`."""
    port: int
    """TCP port the process listens on."""
    liveness_path: str
    """HTTP path of the liveness probe."""
    readiness_path: str
    """HTTP path of the readiness probe."""
    resources: Resources
    """CPU and memory."""
    rollout: Rollout
    """Times of stopping."""
    pull_secrets: tuple[pulumi.Input[str], ...]
    """Names of pull secrets in the namespace."""
    env: list[dict[str, Any]]
    """Environment besides PORT, as `variables` makes it."""
    selector: dict[str, str]
    """Labels the pods are found by."""
    labels: dict[str, str]
    """Labels of the pods besides the version, the selector's included."""
    annotations: Mapping[str, pulumi.Input[str]]
    """Commit, and content hashes: a change rolls the pods."""


def pod_template(pod: Pod) -> dict[str, Any]:
    """Pod template that meets the Pod Security Standard "restricted"."""
    spec: dict[str, Any] = {
        "serviceAccountName": pod.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": pod.rollout.grace_seconds,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": [
            _spread("kubernetes.io/hostname", pod.selector),
            _spread("topology.kubernetes.io/zone", pod.selector),
        ],
        "containers": [_container(pod)],
    }
    if pod.pull_secrets:
        spec["imagePullSecrets"] = [{"name": name} for name in pod.pull_secrets]
    version = {VERSION: label_value(pod.version)} if pod.version else {}
    scraped = {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": str(pod.port),
        "prometheus.io/path": "/metrics",
    }
    return {
        "metadata": {"labels": pod.labels | version, "annotations": {**scraped, **pod.annotations}},
        "spec": spec,
    }


def variables(kind: str, source: pulumi.Input[str], names: list[str]) -> list[dict[str, Any]]:
    """Variables from the keys of a ConfigMap or Secret; `kind` is configMapKeyRef or secretKeyRef."""
    return [{"name": name, "valueFrom": {kind: {"name": source, "key": name}}} for name in sorted(names)]


def _container(pod: Pod) -> dict[str, Any]:
    resources = pod.resources
    container: dict[str, Any] = {
        "name": pod.name,
        "image": pod.image,
        "ports": [{"name": "http", "containerPort": pod.port, "protocol": "TCP"}],
        "env": [{"name": "PORT", "value": str(pod.port)}, *pod.env],
        "resources": {
            "requests": {"cpu": resources.cpu_request, "memory": resources.memory_request},
            "limits": {"cpu": resources.cpu_limit, "memory": resources.memory_limit},
        },
        # The others begin once it succeeds: a quick process is ready in a second, a slow one is not killed.
        "startupProbe": _probe(pod.liveness_path, period=1, failures=START_SECONDS),
        "livenessProbe": _probe(pod.liveness_path, period=30, failures=3),
        "readinessProbe": _probe(pod.readiness_path, period=10, failures=3),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    if pod.rollout.pre_stop_seconds:
        # The kubelet's own sleep: the image has no shell to sleep with.
        container["lifecycle"] = {"preStop": {"sleep": {"seconds": pod.rollout.pre_stop_seconds}}}
    return container


def _probe(path: str, *, period: int, failures: int) -> dict[str, Any]:
    """Waits 3 s for the answer: the sample's own checks take up to 2 s, and then say what is wrong."""
    return {
        "httpGet": {"path": path, "port": "http"},
        "periodSeconds": period,
        "timeoutSeconds": 3,
        "failureThreshold": failures,
    }


def _spread(topology: str, selector: dict[str, str]) -> dict[str, Any]:
    return {
        "maxSkew": 1,
        "topologyKey": topology,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": selector},
    }
