"""What a change of each setting does to a running service; a setting without a row fails a test.

Values differ from those of the dev stack. The same rows are tried without a cluster, one by one, and on a
live one, together with others of their effect.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

Effect = Literal["moves", "builds", "rolls pods", "replaces", "in place", "nothing"]
"""From most to least. `moves`: another Kubernetes object, the old one goes once the new one is up. `builds`:
another image, which rolls the pods if it differs. `replaces`: a new object under a new name, the old one goes
once the new pods are up. `nothing`: only the program itself goes by it."""


@dataclass(frozen=True, kw_only=True)
class Move:
    """A change of one setting."""

    value: Any
    """Its new value."""
    effect: Effect
    """What that does."""
    beside: dict[str, Any] = field(default_factory=dict[str, Any])
    """Other settings it takes, before and after the change."""
    with_it: dict[str, Any] = field(default_factory=dict[str, Any])
    """Other settings that have to change with it."""


CANARY = {
    "rollout.strategy": "canary",
    "canary.prometheus": "monitoring/prometheus:9090",
    "canary.steps": [34],
}
REMOTE = CANARY | {"canary.prometheus": "https://prometheus.example.com"}
REMOTE_LOGIN = REMOTE | {"canary.prometheusUsername": "ci", "canary.prometheusPassword": "p4ssw0rd"}
INGRESS = {"ingress.host": "shop.example.com", "ingress.tlsSecret": "shop-tls"}
FIXED = {"autoscaling.enabled": False}
LOGIN = {"image.username": "ci", "image.password": "p4ssw0rd"}

MOVES: dict[str, Move] = {
    "service.name": Move(value="renamed", effect="moves", with_it={"service.nodePort": 30085}),
    "service.namespace": Move(value="elsewhere", effect="moves", with_it={"service.nodePort": 30085}),
    "service.createNamespace": Move(value=False, effect="in place"),
    "service.port": Move(value=8090, effect="builds"),
    "service.type": Move(value="ClusterIP", effect="in place", with_it={"service.nodePort": 0}),
    "service.nodePort": Move(value=30084, effect="in place"),
    "service.replicas": Move(value=3, effect="in place", beside=FIXED),
    "service.probe": Move(value="tcp", effect="rolls pods"),
    "service.livenessPath": Move(value="/health/ready", effect="rolls pods"),
    "service.readinessPath": Move(value="/health/live", effect="rolls pods"),
    "service.readinessService": Move(
        value="readiness", effect="rolls pods", with_it={"service.probe": "grpc"}
    ),
    "service.startSeconds": Move(value=60, effect="rolls pods"),
    "service.livenessPeriodSeconds": Move(value=20, effect="rolls pods"),
    "service.livenessFailures": Move(value=4, effect="rolls pods"),
    "service.livenessTimeoutSeconds": Move(value=5, effect="rolls pods"),
    "service.readinessPeriodSeconds": Move(value=5, effect="rolls pods"),
    "service.readinessFailures": Move(value=2, effect="rolls pods"),
    "service.readinessTimeoutSeconds": Move(value=4, effect="rolls pods"),
    "cluster.context": Move(value="staging", effect="in place"),
    "cluster.kubeconfig": Move(value="apiVersion: v1\nkind: Config\n", effect="in place"),
    "image.repository": Move(value="127.0.0.1:5000/other", effect="builds"),
    "image.context": Move(value="app/../app", effect="builds"),
    "image.package": Move(value="./cmd/../cmd/server", effect="builds"),
    "image.builder": Move(value="docker", effect="builds", with_it={"image.platforms": ["linux/amd64"]}),
    "image.goVersion": Move(value="1.25", effect="builds", beside={"image.builderImage": ""}),
    "image.builderImage": Move(value="127.0.0.1:5000/golang:other", effect="builds"),
    "image.base": Move(value="alpine", effect="builds"),
    "image.baseImage": Move(
        value="127.0.0.1:5000/alpine:3", effect="builds", beside={"image.base": "alpine"}
    ),
    "image.platforms": Move(value=["linux/amd64"], effect="builds"),
    "image.buildTags": Move(value=["netgo"], effect="builds"),
    "image.versionVariable": Move(value="main.V", effect="builds"),
    "image.commitVariable": Move(value="main.C", effect="builds"),
    "image.timeVariable": Move(value="main.T", effect="builds"),
    "image.buildOnPreview": Move(value=True, effect="builds"),
    "image.cacheFrom": Move(value=["127.0.0.1:5000/sample:cache"], effect="builds"),
    "image.cacheTo": Move(value=["127.0.0.1:5000/sample:cache"], effect="in place"),
    "image.overwriteTags": Move(value=True, effect="nothing"),
    "image.pin": Move(value=f"v1.0.0@sha256:{'b' * 64}", effect="builds"),
    "image.username": Move(value="ci2", effect="builds", beside=LOGIN),
    "image.password": Move(value="p4ssw0rd", effect="builds", with_it={"image.username": "ci"}),
    "image.pullSecrets": Move(value=["registry"], effect="rolls pods"),
    "resources.cpuRequest": Move(value="50m", effect="rolls pods"),
    "resources.memoryRequest": Move(value="32Mi", effect="rolls pods"),
    "resources.cpuLimit": Move(value="600m", effect="rolls pods"),
    "resources.memoryLimit": Move(value="300Mi", effect="rolls pods"),
    "autoscaling.enabled": Move(value=False, effect="in place", with_it={"service.replicas": 3}),
    "autoscaling.minReplicas": Move(value=3, effect="in place"),
    "autoscaling.maxReplicas": Move(value=5, effect="in place"),
    "autoscaling.cpuPercent": Move(value=70, effect="in place"),
    "autoscaling.memoryPercent": Move(value=80, effect="in place"),
    "rollout.strategy": Move(value="canary", effect="in place", with_it=CANARY),
    "rollout.timeoutSeconds": Move(value=120, effect="in place"),
    "rollout.preStopSeconds": Move(value=4, effect="rolls pods"),
    "rollout.shutdownSeconds": Move(value=20, effect="rolls pods"),
    "rollout.maxSurge": Move(value="1", effect="in place"),
    "rollout.minReadySeconds": Move(value=2, effect="in place"),
    "canary.prometheus": Move(value="http://prometheus.example.com", effect="in place", beside=CANARY),
    "canary.prometheusHeaders": Move(value={"X-Scope-OrgID": "acme"}, effect="in place", beside=REMOTE),
    "canary.prometheusUsername": Move(value="ci2", effect="in place", beside=REMOTE_LOGIN),
    "canary.prometheusPassword": Move(
        value="an0ther", effect="in place", beside=REMOTE, with_it={"canary.prometheusUsername": "ci"}
    ),
    "canary.prometheusToken": Move(value="t0ken", effect="in place", beside=REMOTE),
    "canary.prometheusCa": Move(value="ca.pem", effect="in place", beside=REMOTE),
    "canary.metrics.preset": Move(value="otelhttp", effect="in place", beside=CANARY),
    "canary.metrics.requests": Move(value="requests_total", effect="in place", beside=CANARY),
    "canary.metrics.latency": Move(value="latency_seconds", effect="in place", beside=CANARY),
    "canary.metrics.unit": Move(value="milliseconds", effect="in place", beside=CANARY),
    "canary.metrics.statusLabel": Move(value="code", effect="in place", beside=CANARY),
    "canary.metrics.podLabel": Move(value="kubernetes_pod", effect="in place", beside=CANARY),
    "canary.metrics.namespaceLabel": Move(value="kubernetes_namespace", effect="in place", beside=CANARY),
    "canary.metrics.pathLabels": Move(value=["uri"], effect="in place", beside=CANARY),
    "canary.metrics.errors": Move(value="5..|timeout", effect="in place", beside=CANARY),
    "canary.metrics.successes": Move(value="[1-4]..|ok", effect="in place", beside=CANARY),
    "canary.metrics.ignored": Move(value="client_gone", effect="in place", beside=CANARY),
    "canary.metrics.ignoredPaths": Move(value=["/internal/.*"], effect="in place", beside=CANARY),
    "canary.metrics.selector": Move(value='job="sample"', effect="in place", beside=CANARY),
    "canary.steps": Move(value=[34, 50], effect="in place", beside=CANARY),
    "canary.analysisSeconds": Move(value=200, effect="in place", beside=CANARY),
    "canary.intervalSeconds": Move(value=20, effect="in place", beside=CANARY),
    "canary.warmupSeconds": Move(value=20, effect="in place", beside=CANARY),
    "canary.minRequests": Move(value=10, effect="in place", beside=CANARY),
    "canary.maxErrorPercent": Move(value="2", effect="in place", beside=CANARY),
    "canary.maxErrorIncreasePercent": Move(value="1", effect="in place", beside=CANARY),
    "canary.maxP99Milliseconds": Move(value=400, effect="in place", beside=CANARY),
    "canary.failureLimit": Move(value=2, effect="in place", beside=CANARY),
    "canary.unmeasuredLimit": Move(value=2, effect="in place", beside=CANARY),
    "canary.evictionLimit": Move(value=1, effect="in place", beside=CANARY),
    "canary.queries": Move(value={"backlog": "max(up) <= 1"}, effect="in place", beside=CANARY),
    "canary.skip": Move(value=True, effect="in place", beside=CANARY),
    "metrics.port": Move(value=9102, effect="rolls pods"),
    "metrics.path": Move(value="/internal/metrics", effect="rolls pods"),
    "metrics.monitor": Move(value="PodMonitor", effect="rolls pods"),
    "ingress.host": Move(value="new.example.com", effect="in place", beside=INGRESS),
    "ingress.className": Move(value="nginx", effect="in place", beside=INGRESS),
    "ingress.tlsSecret": Move(value="shop-tls", effect="in place", with_it=INGRESS),
    "ingress.annotations": Move(value={"example.com/a": "b"}, effect="in place", beside=INGRESS),
    "network.ingressNamespaces": Move(value=["sample", "monitoring"], effect="replaces"),
    "network.egressPorts": Move(value=[443], effect="replaces"),
    "env": Move(value={"GREETING": "hello from another", "ADDED": "1"}, effect="rolls pods"),
    "secrets": Move(value={"SESSION_KEY": "another", "ADDED_KEY": "1"}, effect="rolls pods"),
}
