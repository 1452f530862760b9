"""Both tracks at one moment: which pods are whose, their share, and when two tracks run the same."""

import copy
import json
from dataclasses import dataclass
from typing import Any

import pytest

from components.cluster import Kubectl
from components.cluster.releases.deployed_release import DeployedRelease
from components.cluster.tracks import Tracks, find_tracks, template_without_track
from tests.support import simulated_cluster as simulated


@dataclass(frozen=True, kw_only=True)
class Cluster(Kubectl):
    """Gives what there is in a simulated cluster, long after its pods came up."""

    namespace: str = "shop"
    state: simulated.State

    def run(self, *arguments: str, stdin: str = "") -> str:
        return simulated.kubectl(self.state, list(arguments), 1000.0)


def tracks(state: simulated.State) -> Tracks:
    return find_tracks(Cluster(state=state), "shop")


def test_each_track_has_its_deployment_and_its_pods() -> None:
    state = simulated.cluster(stable=3)
    simulated.scale(state, "shop-canary", 1, now=0.0)
    found = tracks(state)
    assert found.stable is not None
    assert found.canary is not None
    assert (found.stable.name, found.canary.name) == ("shop", "shop-canary")
    assert found.stable.pod_names == {"shop-1", "shop-2", "shop-3"}
    assert found.canary.pod_names == {"shop-canary-4"}
    assert (found.stable.replicas, found.stable.ready) == (3, 3)
    assert found.canary.release == DeployedRelease(version="v2", image="registry/shop@sha256:v2")
    assert found.share == 25.0


@pytest.mark.parametrize(("missing", "other"), [("shop", "shop-canary"), ("shop-canary", "shop")])
def test_a_track_may_be_missing(missing: str, other: str) -> None:
    state = simulated.cluster(stable=0)
    del state["deployments"][missing]
    found = tracks(state)
    there = {"shop": found.stable, "shop-canary": found.canary}
    assert there[missing] is None
    assert there[other] is not None
    assert found.share == 0.0


def test_pods_that_leave_or_are_not_ready_take_no_share() -> None:
    state = simulated.cluster(stable=9)
    simulated.scale(state, "shop-canary", 2, now=0.0)
    state["pods"]["shop-1"]["evicted"] = True
    state["pods"]["shop-canary-10"]["born"] = 999.0
    found = tracks(state)
    assert found.canary is not None
    assert (found.canary.replicas, found.canary.ready) == (2, 1)
    assert found.share == 100 / 9, "of nine that are ready, a tenth stable one is on its way"


def test_an_annotation_of_ours_or_none() -> None:
    state = simulated.cluster()
    state["deployments"]["shop-canary"]["metadata"]["annotations"]["goservice/trial"] = "abc"
    del state["deployments"]["shop"]["metadata"]["annotations"]
    found = tracks(state)
    assert found.canary is not None
    assert found.stable is not None
    assert found.canary.annotation("goservice/trial") == "abc"
    assert found.canary.annotation("goservice/record") == ""
    assert found.stable.annotation("goservice/trial") == ""


def same(change: Any) -> bool:
    """Whether the tracks run the same after a change of the canary's pod template."""
    state = simulated.cluster()
    template = copy.deepcopy(state["deployments"]["shop"]["spec"]["template"])
    text = json.dumps(template).replace('"track": "stable"', '"track": "canary"')
    template = json.loads(text)
    change(template)
    state["deployments"]["shop-canary"]["spec"]["template"] = template
    found = tracks(state)
    assert found.stable is not None
    assert found.canary is not None
    return found.stable.template == found.canary.template


def test_a_replica_set_runs_the_same_as_its_deployment() -> None:
    state = simulated.cluster()
    template = copy.deepcopy(state["deployments"]["shop"]["spec"]["template"])
    template["metadata"]["labels"]["pod-template-hash"] = "5d4f"
    stable = tracks(state).stable
    assert stable is not None
    assert template_without_track(template) == stable.template


def test_tracks_that_differ_in_the_track_alone_run_the_same() -> None:
    assert same(lambda template: None)


@pytest.mark.parametrize(
    "change",
    [
        lambda template: template["spec"]["containers"][0].update(image="other"),
        lambda template: template["spec"]["containers"][0].update(env=[{"name": "A", "value": "1"}]),
        lambda template: template["metadata"]["labels"].update({"app.kubernetes.io/version": "v9"}),
        lambda template: template["metadata"].update(annotations={"checksum/config": "0"}),
        lambda template: template["spec"].update(terminationGracePeriodSeconds=9),
        lambda template: template["spec"]["topologySpreadConstraints"][0].update(maxSkew=2),
    ],
    ids=["image", "environment", "version", "hash", "grace", "spread"],
)
def test_any_other_difference_counts(change: Any) -> None:
    assert not same(change)
