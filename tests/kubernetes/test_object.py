"""Objects reach the engine exactly as the typed classes of pulumi_kubernetes would send them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pulumi
import pytest
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.apps.v1 import Deployment
from pulumi_kubernetes.autoscaling.v2 import HorizontalPodAutoscaler
from pulumi_kubernetes.core.v1 import ConfigMap, Namespace, Secret, Service, ServiceAccount
from pulumi_kubernetes.networking.v1 import Ingress, NetworkPolicy
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget

from components import Autoscaling, Exposure, Network, Probes, RegistryLogin, Release, Resources, Rollout
from components import Ingress as IngressSettings
from components import kubernetes as manifests
from components.kubernetes import KubernetesObject, Manifest, Metrics, Owner, Pod, variables
from tests.support.recording import DIGEST, Recorded, record

OWNER = Owner(name="shop", namespace="team")
LOGIN = RegistryLogin(host="ghcr.io", username="robot", password="hunter2")
ENV = variables("configMapKeyRef", "config", ["A"]) + variables("secretKeyRef", "secret", ["B"])
POD = Pod(
    owner=OWNER,
    release=Release(image=f"ghcr.io/acme/shop@{DIGEST}", version="v1", commit="c0ffee"),
    port=8080,
    probes=Probes(),
    resources=Resources(),
    pre_stop_seconds=5,
    grace_seconds=35,
    pull_secrets=("registry",),
    env=tuple(ENV),
    hashes={"checksum/config": "0"},
)
INGRESS = IngressSettings(host="shop.example.com", tls_secret="shop-tls", annotations={"a/b": "c"})
# Made within a program each, as some hold Outputs.
KINDS: dict[type[Any], Callable[[], Manifest]] = {
    Namespace: lambda: manifests.namespace("team"),
    ServiceAccount: lambda: manifests.service_account(OWNER),
    ConfigMap: lambda: manifests.config_map(OWNER, {"A": "1"}),
    Secret: lambda: manifests.secret(OWNER, {"B": "2"}),
    Deployment: lambda: manifests.deployment(
        POD, Rollout(), name="shop", track="stable", replicas={"replicas": 2}, annotations={"a/b": "c"}
    ),
    Service: lambda: manifests.service(OWNER, Exposure(type="NodePort", node_port=30080)),
    HorizontalPodAutoscaler: lambda: manifests.autoscaler(OWNER, Autoscaling()),
    PodDisruptionBudget: lambda: manifests.disruption_budget(OWNER),
    NetworkPolicy: lambda: manifests.network_policy(OWNER, Network()),
    Ingress: lambda: manifests.ingress(OWNER, INGRESS),
}
SNAKE = {
    "apiVersion": "api_version",
    "automountServiceAccountToken": "automount_service_account_token",
    "stringData": "string_data",
}
OPTS = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="60s"))


def registered(make: Any) -> Recorded:
    def program() -> None:
        make()

    resource = record(program)["thing"]
    # The typed classes carry aliases of API versions that are gone.
    return replace(resource, aliases="")


def typed(cls: type[Any], manifest: Callable[[], Manifest]) -> Recorded:
    def arguments() -> dict[str, Any]:
        return {SNAKE.get(k, k): v for k, v in manifest().items() if k not in {"apiVersion", "kind"}}

    return registered(lambda: cls("thing", **arguments(), opts=OPTS))


@pytest.mark.parametrize("cls", KINDS, ids=lambda cls: cls.__name__)
def test_registered_as_by_the_typed_class(cls: type[Any]) -> None:
    assert registered(lambda: KubernetesObject("thing", KINDS[cls](), OPTS)) == typed(cls, KINDS[cls])


def test_a_pull_secret_is_registered_as_by_the_typed_class() -> None:
    def manifest() -> Manifest:
        return manifests.pull_secret(OWNER, LOGIN)

    ours = registered(lambda: KubernetesObject("thing", manifest(), OPTS))
    assert ours == typed(Secret, manifest)
    assert ours.secret_outputs == {"data", "stringData"}


def test_a_monitor_is_registered_as_a_custom_resource() -> None:
    manifest = manifests.monitor(OWNER, Metrics(monitor="PodMonitor"), 8080)

    def typed_resource() -> CustomResource:
        return CustomResource("thing", opts=OPTS, **{SNAKE.get(k, k): v for k, v in manifest.items()})

    assert registered(lambda: KubernetesObject("thing", manifest, OPTS)) == registered(typed_resource)


def test_a_name_made_by_pulumi_is_the_objects_name() -> None:
    names: list[str] = []

    def program() -> None:
        made = KubernetesObject("thing", KINDS[ConfigMap](), OPTS)
        made.object_name.apply(names.append)

    record(program)
    assert names == ["thing-0a1b2c3d"]
