"""What the pods of a service look like, and what rolls them."""

from typing import Any

import pytest

from components import (
    Probes,
    Resources,
    Rollout,
)
from tests.service.registered import container, login, made, pod, spec
from tests.support.recording import Secret


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
