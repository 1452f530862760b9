"""GoService: which objects there are, and in which order."""

import pytest

from components import (
    ArgsError,
    Autoscaling,
    Exposure,
    GoServiceArgs,
    Ingress,
    Release,
    Rollout,
)
from tests.service.registered import ALWAYS, CANARY, login, made, objects, spec

MANAGED_BY = "app.kubernetes.io/managed-by"


def test_the_objects_of_a_plain_service() -> None:
    assert objects(made()) == ALWAYS


def test_config_secret_and_ingress_are_there_when_there_is_content() -> None:
    recording = made(
        env={"A": "1"}, secrets={"B": "2"}, ingress=Ingress(host="shop.example.com", tls_secret="shop-tls")
    )
    assert objects(recording) - ALWAYS == {"shop-config", "shop-secret", "shop-ingress"}


def test_an_existing_namespace_is_used_as_it_is() -> None:
    recording = made(create_namespace=False, namespace="team")
    assert objects(recording) == ALWAYS - {"shop-namespace"}
    assert {r.inputs["metadata"]["namespace"] for r in recording.resources if r.custom} == {"team"}


def test_everything_waits_for_the_namespace() -> None:
    recording = made(env={"A": "1"}, secrets={"B": "2"})
    namespace = recording["shop-namespace"].urn
    for resource in recording.resources:
        if resource.custom and resource.name != "shop-namespace":
            assert namespace in resource.dependencies, resource.name


def test_no_pod_runs_before_account_policy_config_and_secret() -> None:
    recording = made(env={"A": "1"}, secrets={"B": "2"})
    needed = {recording[f"shop-{role}"].urn for role in ("account", "network", "config", "secret")}
    assert needed <= recording["shop-deployment"].dependencies


def test_the_service_follows_the_deployment_and_the_ingress_the_service() -> None:
    recording = made(ingress=Ingress(host="shop.example.com", tls_secret="shop-tls"))
    assert recording["shop-deployment"].urn in recording["shop-service"].dependencies
    assert recording["shop-service"].urn in recording["shop-ingress"].dependencies


def test_what_was_changed_by_hand_is_overwritten_and_no_conflict() -> None:
    metadata = made()["shop-deployment"].inputs["metadata"]
    assert metadata["annotations"]["pulumi.com/patchForce"] == "true"


def test_hooks_follow_the_release_and_not_the_plugin() -> None:
    metadata = made()["shop-deployment"].inputs["metadata"]
    assert metadata["annotations"]["pulumi.com/skipAwait"] == "true"


def test_nothing_is_made_without_asking_whose_it_is() -> None:
    recording = made(
        env={"A": "1"},
        secrets={"B": "2"},
        registry_login=login(),
        ingress=Ingress(host="shop.example.com", tls_secret="shop-tls"),
        strategy=CANARY,
    )
    of_kubernetes = [r for r in recording.resources if r.type.startswith("kubernetes:")]
    assert len(of_kubernetes) == len(ALWAYS) + len(("config", "secret", "pull", "ingress", "canary"))
    for resource in of_kubernetes:
        assert "shop-ownership" in resource.hooks["before_create"], resource.name


def test_a_namespace_outlives_its_service_and_nothing_else_does() -> None:
    recording = made(env={"A": "1"})
    assert {r.name for r in recording.resources if r.retain_on_delete} == {"shop-namespace"}
    labels = recording["shop-namespace"].inputs["metadata"]["labels"]
    assert not [key for key in labels if key.startswith("app.kubernetes.io/") and key != MANAGED_BY]


def test_what_old_pods_are_allowed_is_replaced_and_not_changed() -> None:
    recording = made()
    assert {r.name: r.replace_on_changes for r in recording.resources if r.replace_on_changes} == {
        "shop-network": ("spec",)
    }
    assert "name" not in recording["shop-network"].inputs["metadata"]


def test_a_release_that_did_not_come_up_is_a_change_of_the_manifest_alone() -> None:
    """… so that the next update tries it again, and its pods are the same."""
    before, after = made(), made(unproven=3)
    assert after["shop-deployment"].inputs["metadata"]["annotations"]["goservice/after-unproven"] == "3"
    assert before["shop-deployment"].inputs["spec"] == after["shop-deployment"].inputs["spec"]


def test_the_autoscaler_owns_the_replicas() -> None:
    recording = made()
    assert "replicas" not in spec(recording)
    assert recording["shop-autoscaler"].inputs["spec"]["scaleTargetRef"] == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": "shop",
    }


def test_without_an_autoscaler_the_replicas_are_fixed() -> None:
    recording = made(autoscaling=Autoscaling(enabled=False), replicas=5)
    assert spec(recording)["replicas"] == 5
    assert objects(recording) == ALWAYS - {"shop-autoscaler"}


@pytest.mark.parametrize("replicas", [1, 2])
def test_the_budget_never_blocks_every_eviction(replicas: int) -> None:
    recording = made(autoscaling=Autoscaling(enabled=False), replicas=replicas)
    budget = recording["shop-budget"].inputs["spec"]
    assert budget["maxUnavailable"] == 1
    assert "minAvailable" not in budget


def test_pods_that_are_not_ready_can_be_evicted() -> None:
    """They would keep a node from being drained, as the budget never allows for them."""
    assert made()["shop-budget"].inputs["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_a_rolling_update_never_has_fewer_ready_pods() -> None:
    assert spec(made())["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0},
    }


def test_pulumi_waits_longer_than_the_cluster_does() -> None:
    recording = made(rollout=Rollout(timeout_seconds=100))
    assert spec(recording)["progressDeadlineSeconds"] == 100
    assert recording["shop-deployment"].timeout == "115s"


def test_a_node_port_is_kept() -> None:
    service = made(exposure=Exposure(type="NodePort", node_port=30080))["shop-service"].inputs["spec"]
    assert service["type"] == "NodePort"
    assert service["ports"] == [
        {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP", "nodePort": 30080}
    ]


@pytest.mark.parametrize("image", ["ghcr.io/acme/shop:latest", "ghcr.io/acme/shop"])
def test_a_tag_is_no_image(image: str) -> None:
    with pytest.raises(ArgsError) as caught:
        GoServiceArgs(release=Release(image=image), name="shop")
    assert str(caught.value) == (
        f'GoServiceArgs.release.image: "{image}" has no digest; use repository@sha256:…, as GoImage.ref does'
    )
