"""Objects reach the engine exactly as the typed classes of pulumi_kubernetes would send them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pulumi
import pytest
from pulumi_kubernetes.apps.v1 import Deployment
from pulumi_kubernetes.autoscaling.v2 import HorizontalPodAutoscaler
from pulumi_kubernetes.core.v1 import ConfigMap, Namespace, Secret, Service, ServiceAccount
from pulumi_kubernetes.networking.v1 import Ingress, NetworkPolicy
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget

from components import manifests
from components.ingress import Ingress as IngressArgs
from components.kubernetes import KubernetesObject
from components.pod import variables
from components.pull_secret import RegistryLogin
from components.service_args import GoServiceArgs

from .recording import DIGEST, Recorded, record

ARGS = GoServiceArgs(
    image=f"ghcr.io/acme/shop@{DIGEST}",
    name="shop",
    pull_secrets=("registry",),
    env={"A": "1"},
    secrets={"B": "2"},
    ingress=IngressArgs(host="shop.example.com", tls_secret="shop-tls", annotations={"a/b": "c"}),
)
LOGIN = RegistryLogin(host="ghcr.io", username="robot", password="hunter2")
ENV = variables("configMapKeyRef", "config", ["A"]) + variables("secretKeyRef", "secret", ["B"])
KINDS: dict[type[Any], manifests.Manifest] = {
    Namespace: manifests.namespace(ARGS),
    ServiceAccount: manifests.service_account(ARGS),
    ConfigMap: manifests.config_map(ARGS),
    Deployment: manifests.deployment(ARGS, ENV, {"checksum/config": "0"}),
    Service: manifests.service(ARGS),
    HorizontalPodAutoscaler: manifests.autoscaler(ARGS),
    PodDisruptionBudget: manifests.disruption_budget(ARGS),
    NetworkPolicy: manifests.network_policy(ARGS),
    Ingress: manifests.ingress(ARGS),
}
SNAKE = {"automountServiceAccountToken": "automount_service_account_token", "stringData": "string_data"}
OPTS = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="60s"))


def registered(make: Any) -> Recorded:
    def program() -> None:
        make()

    resource = record(program)["thing"]
    # The typed classes carry aliases of API versions that are gone.
    return replace(resource, aliases="")


def typed(cls: type[Any], manifest: manifests.Manifest) -> Recorded:
    arguments = {SNAKE.get(k, k): v for k, v in manifest.items() if k not in {"apiVersion", "kind"}}
    return registered(lambda: cls("thing", **arguments, opts=OPTS))


@pytest.mark.parametrize("cls", KINDS, ids=lambda cls: cls.__name__)
def test_registered_as_by_the_typed_class(cls: type[Any]) -> None:
    assert registered(lambda: KubernetesObject("thing", KINDS[cls], OPTS)) == typed(cls, KINDS[cls])


@pytest.mark.parametrize(
    "manifest",
    [lambda: manifests.secret(ARGS), lambda: manifests.pull_secret(ARGS, LOGIN)],
    ids=["variables", "login"],
)
def test_a_secret_too(manifest: Callable[[], manifests.Manifest]) -> None:
    """Its manifest holds an Output, which belongs to one run."""
    ours = registered(lambda: KubernetesObject("thing", manifest(), OPTS))
    theirs = registered(
        lambda: Secret(
            "thing",
            **{SNAKE.get(k, k): v for k, v in manifest().items() if k not in {"apiVersion", "kind"}},
            opts=OPTS,
        )
    )
    assert ours == theirs
    assert ours.secret_outputs == {"data", "stringData"}


def test_a_name_made_by_pulumi_is_the_objects_name() -> None:
    names: list[str] = []

    def program() -> None:
        made = KubernetesObject("thing", KINDS[ConfigMap], OPTS)
        made.object_name.apply(names.append)

    record(program)
    assert names == ["thing-0a1b2c3d"]
