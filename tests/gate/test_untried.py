"""Which versions need no trial, and what is recorded with those that a rollback replaces."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from components.cluster import (
    DeployedRelease,
    Record,
)
from components.gate import gate
from components.gate.request import parse_request
from tests.gate.simulated_gate import REQUEST, Gate
from tests.support import simulated_cluster as simulated


def first_release(here: Gate) -> None:
    del here.state["deployments"]["shop"]
    here.state["pods"] = {}


def the_same_version(here: Gate) -> None:
    stable, canary = (here.state["deployments"][name]["spec"] for name in ("shop", "shop-canary"))
    template = json.loads(json.dumps(stable["template"]))
    template["metadata"]["labels"]["track"] = "canary"
    for constraint in template["spec"]["topologySpreadConstraints"]:
        constraint["labelSelector"]["matchLabels"]["track"] = "canary"
    canary["template"] = template


def nothing_ready(here: Gate) -> None:
    for pod in here.state["pods"].values():
        pod["born"] = 0.0


def ran_before(here: Gate) -> None:
    here.state["replica_sets"]["shop-0"] = simulated.replica_set("shop-0", "v2", 2)


UNTRIED: dict[str, tuple[Callable[[Gate], None] | None, dict[str, Any], str]] = {
    "first release": (
        first_release,
        {},
        "trial skipped: first release, so there is no baseline",
    ),
    "the same version": (the_same_version, {}, "trial skipped: the stable track runs this version already"),
    "rollback": (ran_before, {}, "trial skipped: ROLLBACK to v2, which ran on the stable track before"),
    "skip": (None, {"skip": True}, "trial SKIPPED: canary.skip is set, so this version is released untried"),
    "nothing ready": (
        nothing_ready,
        {},
        "trial skipped: no stable pod is ready, so there is no baseline",
    ),
}


@pytest.mark.parametrize("case", UNTRIED)
def test_some_versions_need_no_trial_and_that_is_said(here: Gate, case: str) -> None:
    prepare, settings, reason = UNTRIED[case]
    if prepare:
        prepare(here)
    code, record, said = here.run(**settings)
    assert code == 0
    assert said == [reason]
    assert record is not None
    assert (record["verdict"], record["reason"], record["samples"]) == ("untried", reason, [])
    assert here.note == {key: value for key, value in record.items() if key != "samples"}
    assert here.state["scaled"] == []


def test_another_version_has_to_be_tried(here: Gate) -> None:
    assert gate.reason_for_no_trial(here.tracks, parse_request(json.dumps(REQUEST)), []) == ""


def record_of(version: str, verdict: Any) -> str:
    release = DeployedRelease(version=version, image=f"registry/shop@sha256:{version}")
    return Record(verdict=verdict, reason="a reason", release=release).to_json()


def stable_record(here: Gate, name: str) -> dict[str, Any]:
    """The record on a ReplicaSet of the stable track."""
    return json.loads(here.state["replica_sets"][name]["metadata"]["annotations"]["goservice/record"])


def test_a_release_that_was_rolled_back_before_has_to_be_tried_and_its_record_follows(here: Gate) -> None:
    """A pin on it is no reason to trust it."""
    here.state["replica_sets"]["shop-2"] = simulated.replica_set(
        "shop-2", "v2", 2, record_of("v2", "rolled back")
    )
    code, record, said = here.run()
    assert code == 0
    assert record is not None
    assert record["verdict"] == "promoted"
    assert said[-1] == "passed 9 samples; the stable track follows"
    assert stable_record(here, "shop-2")["verdict"] == "promoted"
    assert "goservice/record" not in here.state["replica_sets"]["shop-1"]["metadata"]["annotations"]


def test_a_rollback_is_recorded_with_what_it_replaces_so_that_the_way_forward_is_tried(here: Gate) -> None:
    ran_before(here)
    code, record, _ = here.run()
    assert code == 0
    assert record is not None
    assert record["verdict"] == "untried"
    left = stable_record(here, "shop-1")
    assert (left["verdict"], left["reason"]) == ("rolled back", "replaced by a rollback to v2")
    assert "goservice/record" not in here.state["replica_sets"]["shop-0"]["metadata"]["annotations"]


def test_other_pods_of_the_same_image_that_never_came_up_stay_rolled_back(here: Gate) -> None:
    """Or the image would pass for one that has run, though only its trial went well."""
    never = simulated.replica_set("shop-2", "v2", 2, record_of("v2", "rolled back"))
    never["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 9
    here.state["replica_sets"]["shop-2"] = never
    code, record, _ = here.run()
    assert code == 0
    assert record is not None
    assert record["verdict"] == "promoted"
    assert stable_record(here, "shop-2")["verdict"] == "rolled back"


def test_settings_of_the_current_image_that_change_take_a_trial_though_it_ran_before(here: Gate) -> None:
    """The Deployment says what is current, also if its revision is that of no ReplicaSet yet."""
    here.state["replica_sets"]["shop-0"] = simulated.replica_set("shop-0", "v1", 7)
    here.state["deployments"]["shop"]["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "8"
    the_same_version(here)
    canary = here.state["deployments"]["shop-canary"]["spec"]["template"]
    canary["spec"]["terminationGracePeriodSeconds"] = 9
    code, record, _ = here.run()
    assert code == 0
    assert record is not None
    assert record["verdict"] == "promoted"
