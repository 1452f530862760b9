"""GoService: which objects there are, in which order, and what their pods look like."""

import base64
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pulumi
import pytest
from pulumi_kubernetes import Provider

from components import (
    ArgsError,
    Autoscaling,
    Canary,
    Exposure,
    GoService,
    GoServiceArgs,
    Ingress,
    Probes,
    RegistryLogin,
    Release,
    Resources,
    Rollout,
)
from components.cluster import Cluster, Kubectl
from components.strategies import Workload
from tests.support.recording import DIGEST, Recording, Secret, clear_strings, record

IMAGE = f"ghcr.io/acme/shop@{DIGEST}"
CANARY = Canary(prometheus="monitoring/prometheus:9090", steps=(50,))
MANAGED_BY = "app.kubernetes.io/managed-by"
ALWAYS = {
    "shop-namespace",
    "shop-account",
    "shop-network",
    "shop-budget",
    "shop-deployment",
    "shop-service",
    "shop-autoscaler",
}


def made(
    *, unproven: int = 0, opts: Callable[[], pulumi.ResourceOptions] | None = None, **values: Any
) -> Recording:
    given: dict[str, Any] = {"release": Release(image=IMAGE), "name": "shop"} | values

    def program() -> None:
        GoService("shop", GoServiceArgs(**given), opts() if opts else None)

    return record(program, unproven=unproven)


def objects(recording: Recording) -> set[str]:
    return {resource.name for resource in recording.resources if resource.custom}


def spec(recording: Recording) -> dict[str, Any]:
    return recording["shop-deployment"].inputs["spec"]


def pod(recording: Recording) -> dict[str, Any]:
    return spec(recording)["template"]


def container(recording: Recording) -> dict[str, Any]:
    return pod(recording)["spec"]["containers"][0]


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


def workload(monkeypatch: pytest.MonkeyPatch, **values: Any) -> Workload:
    """What the strategy is given."""
    given: list[Workload] = []

    def hooks(_name: str, workload: Workload, _unproven: Any) -> pulumi.ResourceHookBinding:
        given.append(workload)
        return pulumi.ResourceHookBinding()

    monkeypatch.setattr("components.strategies.stable.rollout_hooks", hooks)
    made(**values)
    return given[0]


@pytest.mark.parametrize(
    ("autoscaling", "minimum"),
    [(Autoscaling(min_replicas=4), 4), (Autoscaling(enabled=False, min_replicas=4), 0)],
)
def test_the_release_is_followed_with_its_times_and_by_its_account(
    autoscaling: Autoscaling, minimum: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = workload(monkeypatch, autoscaling=autoscaling, rollout=Rollout(timeout_seconds=100))
    assert (found.service, found.rollout.timeout_seconds, found.minimum) == ("shop", 100, minimum)
    assert (found.account.pulumi_resource_name, found.guard.name) == ("shop-account", "shop-ownership")


PROVIDERS: dict[str, tuple[dict[str, Any], Cluster]] = {
    "none": ({}, Cluster()),
    "context": ({"context": "staging"}, Cluster(context="staging")),
    "another cluster": ({"context": "a", "cluster": "b"}, Cluster(context="a", name="b")),
    "text": ({"kubeconfig": "apiVersion: v1\n"}, Cluster(kubeconfig="apiVersion: v1\n")),
}


@pytest.mark.parametrize("settings", PROVIDERS)
def test_gate_guards_and_recovery_are_where_the_provider_is(
    settings: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An explicit provider's cluster is that of everything that goes by kubectl."""
    given, wanted = PROVIDERS[settings]
    found: list[Kubectl] = []

    def opts() -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(provider=Provider("other", **given))

    def hooks(_name: str, workload: Workload, _unproven: Any) -> pulumi.ResourceHookBinding:
        workload.cluster.apply(found.append)
        return pulumi.ResourceHookBinding()

    monkeypatch.setattr("components.strategies.stable.rollout_hooks", hooks)
    recording = made(namespace="team", strategy=CANARY, opts=opts)
    assert [(where.namespace, where.cluster) for where in found] == [("team", wanted)]
    request = recording["shop-gate"].inputs["stdin"]
    assert json.loads(request)["cluster"] == asdict(wanted)


def test_a_kubeconfig_that_is_secret_stays_so_on_its_way_to_the_gate() -> None:
    def opts() -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            provider=Provider("other", kubeconfig=pulumi.Output.secret("apiVersion: hunter2\n"))
        )

    recording = made(strategy=CANARY, opts=opts)
    assert isinstance(recording["shop-gate"].inputs["stdin"], Secret)
    clear = [text for r in recording.resources for text in clear_strings(r.inputs)]
    assert not [text for text in clear if "hunter2" in text]


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
        "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
    }


def test_pulumi_waits_longer_than_the_cluster_does() -> None:
    recording = made(rollout=Rollout(timeout_seconds=100))
    assert spec(recording)["progressDeadlineSeconds"] == 100
    assert recording["shop-deployment"].timeout == "115s"


def test_stopping_takes_the_pause_and_the_servers_own_time() -> None:
    recording = made(rollout=Rollout(pre_stop_seconds=7, shutdown_seconds=20))
    assert pod(recording)["spec"]["terminationGracePeriodSeconds"] == 27
    assert container(recording)["lifecycle"] == {"preStop": {"sleep": {"seconds": 7}}}


def test_no_pause_is_no_hook() -> None:
    assert "lifecycle" not in container(made(rollout=Rollout(pre_stop_seconds=0)))


def test_probes_are_those_of_the_design() -> None:
    held = container(made(probes=Probes(liveness_path="/live", readiness_path="/ready")))
    assert held["startupProbe"] == {
        "httpGet": {"path": "/live", "port": "http"},
        "periodSeconds": 1,
        "timeoutSeconds": 3,
        "failureThreshold": 120,
    }
    assert held["livenessProbe"] == {
        "httpGet": {"path": "/live", "port": "http"},
        "periodSeconds": 30,
        "timeoutSeconds": 3,
        "failureThreshold": 3,
    }
    assert held["readinessProbe"] == {
        "httpGet": {"path": "/ready", "port": "http"},
        "periodSeconds": 10,
        "timeoutSeconds": 3,
        "failureThreshold": 3,
    }


def test_pods_meet_the_restricted_standard() -> None:
    recording = made()
    assert pod(recording)["spec"]["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65534,
        "runAsGroup": 65534,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container(recording)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod(recording)["spec"]["automountServiceAccountToken"] is False
    assert recording["shop-account"].inputs["automountServiceAccountToken"] is False
    labels = recording["shop-namespace"].inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_resources_and_port_reach_the_container() -> None:
    recording = made(resources=Resources(cpu_limit="2", memory_limit="1Gi"), port=9090)
    assert container(recording)["resources"] == {
        "requests": {"cpu": "100m", "memory": "64Mi"},
        "limits": {"cpu": "2", "memory": "1Gi"},
    }
    assert container(recording)["ports"] == [{"name": "http", "containerPort": 9090, "protocol": "TCP"}]
    assert container(recording)["env"] == [{"name": "PORT", "value": "9090"}]


def test_variables_come_from_config_and_secret_by_their_made_names() -> None:
    held = container(made(env={"B": "1", "A": "2"}, secrets={"C": "3"}))["env"]
    assert held[1:] == [
        {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "shop-config-0a1b2c3d", "key": "A"}}},
        {"name": "B", "valueFrom": {"configMapKeyRef": {"name": "shop-config-0a1b2c3d", "key": "B"}}},
        {"name": "C", "valueFrom": {"secretKeyRef": {"name": "shop-secret-0a1b2c3d", "key": "C"}}},
    ]


@pytest.mark.parametrize("role", ["config", "secret", "pull"])
def test_config_and_secrets_are_new_objects_with_each_content(role: str) -> None:
    """A fixed name would take the old content from pods that still run."""
    held = made(env={"A": "1"}, secrets={"B": "2"}, registry_login=login())[f"shop-{role}"].inputs
    assert "name" not in held["metadata"]
    assert held["immutable"] is True


@pytest.mark.parametrize("values", [{"env": {"A": "2"}}, {"secrets": {"B": "2"}}])
def test_a_change_of_content_rolls_the_pods(values: dict[str, Any]) -> None:
    before = pod(made(env={"A": "1"}, secrets={"B": "1"}))
    changed: dict[str, Any] = {"env": {"A": "1"}, "secrets": {"B": "1"}} | values
    after = pod(made(**changed))
    again = pod(made(env={"A": "1"}, secrets={"B": "1"}))
    assert before["metadata"]["annotations"] != after["metadata"]["annotations"]
    assert before == again


def test_the_hash_of_secrets_is_not_secret_and_tells_nothing() -> None:
    recording = made(secrets={"B": "hunter2"})
    value = pod(recording)["metadata"]["annotations"]["checksum/secret"]
    assert isinstance(value, str)
    assert len(value) == 32
    assert recording["shop-secret"].inputs["stringData"] == Secret(value={"B": "hunter2"})


def test_selectors_agree_and_carry_no_version() -> None:
    recording = made()
    selector = {"app.kubernetes.io/name": "shop", "app.kubernetes.io/instance": "shop"}
    stable = selector | {"track": "stable"}
    assert spec(recording)["selector"]["matchLabels"] == stable
    assert recording["shop-service"].inputs["spec"]["selector"] == selector
    assert recording["shop-budget"].inputs["spec"]["selector"]["matchLabels"] == stable
    assert recording["shop-network"].inputs["spec"]["podSelector"]["matchLabels"] == selector
    assert stable.items() <= pod(recording)["metadata"]["labels"].items()


def test_pull_secrets_are_named() -> None:
    recording = made(pull_secrets=("registry",))
    assert pod(recording)["spec"]["imagePullSecrets"] == [{"name": "registry"}]


def login(host: str = "ghcr.io") -> RegistryLogin:
    return RegistryLogin(host=host, username="robot", password="hunter2-7431")


def auths(recording: Recording) -> dict[str, Any]:
    held = recording["shop-pull"].inputs["stringData"]
    assert isinstance(held, Secret)
    return json.loads(held.value[".dockerconfigjson"])["auths"]


def test_a_login_becomes_a_pull_secret_before_those_that_are_named() -> None:
    recording = made(registry_login=login(), pull_secrets=("mirror",))
    assert objects(recording) - ALWAYS == {"shop-pull"}
    assert pod(recording)["spec"]["imagePullSecrets"] == [
        {"name": "shop-pull-0a1b2c3d"},
        {"name": "mirror"},
    ]
    assert recording["shop-namespace"].urn in recording["shop-pull"].dependencies
    assert recording["shop-pull"].urn in recording["shop-deployment"].dependencies


def test_the_pull_secret_is_a_docker_configuration_of_the_registry() -> None:
    recording = made(registry_login=login())
    assert recording["shop-pull"].inputs["type"] == "kubernetes.io/dockerconfigjson"
    assert auths(recording) == {
        "ghcr.io": {
            "username": "robot",
            "password": "hunter2-7431",
            "auth": base64.b64encode(b"robot:hunter2-7431").decode(),
        }
    }


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("", "https://index.docker.io/v1/"),
        ("docker.io", "https://index.docker.io/v1/"),
        ("index.docker.io", "https://index.docker.io/v1/"),
        ("127.0.0.1:5000", "127.0.0.1:5000"),
    ],
)
def test_a_login_of_docker_hub_has_the_key_of_docker(host: str, key: str) -> None:
    assert list(auths(made(registry_login=login(host)))) == [key]


@pytest.mark.parametrize("as_input", [str, pulumi.Output.from_input])
def test_the_password_is_registered_as_a_secret_alone(as_input: Callable[[str], Any]) -> None:
    def program() -> None:
        password = as_input("hunter2-7431")
        access = RegistryLogin(host="ghcr.io", username="robot", password=password)
        GoService("shop", GoServiceArgs(release=Release(image=IMAGE), name="shop", registry_login=access))

    recording = record(program)
    assert auths(recording)["ghcr.io"]["password"] == "hunter2-7431"
    encoded = base64.b64encode(b"robot:hunter2-7431").decode()
    clear = [text for r in recording.resources for text in clear_strings(r.inputs)]
    clear += [text for outputs in recording.outputs.values() for text in clear_strings(outputs)]
    assert not [text for text in clear if "hunter2" in text or encoded in text]
    assert recording["shop-pull"].secret_outputs == {"data", "stringData"}
    assert "hunter2" not in repr(login())


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"username": ""}, "username: is empty; name the user, or leave out the login"),
        ({"password": ""}, "password: is empty; give the password, or leave out the login"),
    ],
)
def test_half_a_login_is_refused(values: dict[str, str], problem: str) -> None:
    with pytest.raises(ArgsError) as caught:
        RegistryLogin(**{"host": "ghcr.io", "username": "robot", "password": "hunter2"} | values)
    assert str(caught.value) == f"RegistryLogin.{problem}"


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
