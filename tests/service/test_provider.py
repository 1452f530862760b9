"""The cluster of a service: that of its Kubernetes provider, for everything that goes by kubectl."""

import json
from dataclasses import asdict
from typing import Any

import pulumi
import pytest
from pulumi_kubernetes import Provider

from components import Autoscaling, GoService, GoServiceArgs, Release, Rollout
from components.cluster import Cluster, Kubectl
from components.strategies import Workload
from tests.service.registered import CANARY, IMAGE, made
from tests.support.recording import Secret, clear_strings, record


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
    monkeypatch.delenv("KUBECONFIG", raising=False)
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
    assert isinstance(request, Secret) is wanted.is_secret
    text = request.value if isinstance(request, Secret) else request
    assert json.loads(text)["cluster"] == asdict(wanted)
    annotations = recording["shop-deployment"].inputs["metadata"]["annotations"]
    assert not isinstance(annotations, Secret), "what the cluster counts is no secret"


def test_a_kubeconfig_that_is_secret_stays_so_on_its_way_to_the_gate() -> None:
    def opts() -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            provider=Provider("other", kubeconfig=pulumi.Output.secret("apiVersion: hunter2\n"))
        )

    recording = made(strategy=CANARY, opts=opts)
    assert isinstance(recording["shop-gate"].inputs["stdin"], Secret)
    clear = [text for r in recording.resources for text in clear_strings(r.inputs)]
    assert not [text for text in clear if "hunter2" in text]


def test_a_kubeconfig_of_the_default_provider_stays_secret_too() -> None:
    def program() -> None:
        args = GoServiceArgs(release=Release(image=IMAGE), name="shop", strategy=CANARY)
        GoService("shop", args)

    config = {"kubernetes:kubeconfig": "apiVersion: hunter2\n"}
    recording = record(program, config=config, secret_keys=("kubernetes:kubeconfig",))
    assert isinstance(recording["shop-gate"].inputs["stdin"], Secret)
    assert not [text for r in recording.resources for text in clear_strings(r.inputs) if "hunter2" in text]
