"""A failed release goes back to the ReplicaSet that still serves, and says why it failed."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from components.cluster import ClusterError, Kubectl
from components.strategies.recovery.roll_back import (
    came_up,
    describe_refusal,
    roll_back,
    serving_set,
    template_patch,
)
from tests.support import pods

UID = "uid-1"
REVISION = "deployment.kubernetes.io/revision"
NEVER_READY = f"  1 pod: {pods.READINESS} has not succeeded yet"


def template(version: str) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": "shop", "track": "stable"} | (
        {"app.kubernetes.io/version": version} if version else {}
    )
    return {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "shop", "image": f"shop@{version}"}]},
    }


def replica_set(revision: int, version: str, ready: int, owner: str = UID) -> dict[str, Any]:
    made = template(version)
    made["metadata"]["labels"]["pod-template-hash"] = f"hash{revision}"
    return {
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"shop-{revision}",
            "uid": f"set-{revision}",
            "annotations": {REVISION: str(revision)},
            "ownerReferences": [{"uid": owner}],
        },
        "spec": {"template": made},
        "status": {"replicas": ready} | ({"readyReplicas": ready} if ready else {}),
    }


def deployment(version: str, **more: Any) -> dict[str, Any]:
    """One that the cluster is still about to roll out, unless `progress` says otherwise."""
    conditions = [{"type": "Progressing", "reason": more.get("progress", "ReplicaSetUpdated")}]
    return {
        "kind": "Deployment",
        "metadata": {"uid": UID, "generation": 4},
        "spec": {"replicas": 2, "template": template(version)},
        "status": {"observedGeneration": more.get("observed", 4), "conditions": conditions},
    }


def pod_of(revision: int, *, ready: bool = False) -> dict[str, Any]:
    """One that runs, and is not ready unless it says so."""
    status = pods.READY if ready else pods.RUNNING
    made = pods.pod(status, name=f"shop-{revision}-x", ready=ready)
    made["metadata"]["ownerReferences"] = [{"uid": f"set-{revision}"}]
    return made


@dataclass(frozen=True, kw_only=True)
class Cluster(Kubectl):
    """Gives what it was told, refuses what it was told to, and keeps what it was told to do."""

    namespace: str = "shop"
    deployment: dict[str, Any] | None = None
    items: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    refused: str = ""
    commands: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    def run(self, *arguments: str, stdin: str = "") -> str:
        self.commands.append(arguments)
        if arguments[0] == self.refused:
            raise ClusterError("was refused")
        match arguments:
            case ["get", "replicasets.apps,pods", *_]:
                return json.dumps({"items": self.items})
            case ["get", "events", *_]:
                return json.dumps({"items": []})
            case ["get", *_]:
                return json.dumps(self.deployment)
            case _:
                return ""

    def get(self, kind: str, name: str) -> dict[str, Any] | None:
        return None if self.deployment is None and not self.refused else super().get(kind, name)

    @property
    def changes(self) -> list[tuple[str, ...]]:
        return [command for command in self.commands if command[0] == "patch"]


@pytest.fixture(autouse=True)
def no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pods are asked nothing in earnest."""
    monkeypatch.setattr("components.cluster.pods.failure_report.answer", lambda *_: None)


def broken(**more: Any) -> Cluster:
    """The third release does not come up beside the second one."""
    sets = [replica_set(1, "v1", 0), replica_set(2, "v2", 2), replica_set(3, "v3", 0)]
    return Cluster(deployment=deployment("v3"), items=[*sets, pod_of(3), pod_of(2)], **more)


def test_the_set_that_still_serves_takes_over() -> None:
    cluster = broken()
    assert roll_back(cluster, "shop").splitlines() == [
        "shop: v3 did not come up (0 of 2 pods ready) and is ROLLED BACK; v2 serves, 2 pods ready",
        NEVER_READY,
    ]
    note, patch = cluster.changes
    labels = "app.kubernetes.io/name=shop,app.kubernetes.io/instance=shop,track=stable"
    assert cluster.commands[1][3] == labels
    owner = "--field-manager=goservice"
    assert note[:-1] == ("patch", "replicaset", "shop-3", owner, "--type", "merge", "--patch")
    assert json.loads(json.loads(note[-1])["metadata"]["annotations"]["goservice/record"]) == {
        "verdict": "rolled back",
        "reason": f"did not come up (0 of 2 pods ready): {pods.READINESS} has not succeeded yet",
        "release": {"version": "v3", "image": "shop@v3"},
        "seconds": 0,
    }
    owner = "--field-manager=pulumi-kubernetes"
    assert patch[:-1] == ("patch", "deployment", "shop", owner, "--type", "json", "--patch")
    assert json.loads(patch[-1]) == [{"op": "replace", "path": "/spec/template", "value": template("v2")}]


def test_a_release_that_serves_on_after_all_is_not_one_that_a_rollback_replaced() -> None:
    """The gate recorded the rollback before its target failed. Before the patch: it would be denied after."""
    cluster = broken()
    release = {"version": "v2", "image": "shop@v2"}
    record = {"verdict": "rolled back", "reason": "replaced by a rollback to v3", "release": release}
    cluster.items[1]["metadata"]["annotations"]["goservice/record"] = json.dumps(record)
    roll_back(cluster, "shop")
    assert [command[2] for command in cluster.changes] == ["shop-3", "shop-2", "shop"]
    assert json.loads(cluster.changes[1][-1]) == {"metadata": {"annotations": {"goservice/record": None}}}


def test_the_reasons_are_looked_for_before_the_pods_go() -> None:
    cluster = broken()
    roll_back(cluster, "shop")
    assert [command[0] for command in cluster.commands] == ["get", "get", "get", "logs", "patch", "patch"]


def test_without_a_version_the_image_is_named() -> None:
    cluster = Cluster(deployment=deployment(""), items=[replica_set(1, "v1", 1), replica_set(2, "", 0)])
    assert roll_back(cluster, "shop").startswith(
        "shop: shop@ did not come up (0 of 2 pods ready) and is ROLLED BACK; v1 serves"
    )


def test_the_same_version_with_other_settings_is_told_apart() -> None:
    asked, serving = replica_set(2, "v1", 0), replica_set(1, "v1", 2)
    for each in (asked, wanted := deployment("v1")):
        each["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 9
    cluster = Cluster(deployment=wanted, items=[asked, serving])
    assert roll_back(cluster, "shop").splitlines()[0] == (
        "shop: v1 did not come up (0 of 2 pods ready) and is ROLLED BACK;"
        " v1 serves, 2 pods ready, settings as before"
    )


def test_a_release_that_the_cluster_has_not_seen_is_taken_back_without_a_record() -> None:
    cluster = Cluster(deployment=deployment("v2", observed=3), items=[replica_set(1, "v1", 2)])
    assert roll_back(cluster, "shop").splitlines() == [
        "shop: v2 did not come up (0 of 2 pods ready) and is ROLLED BACK; v1 serves, 2 pods ready",
        "  no pod has been made yet",
    ]
    assert [change[1] for change in cluster.changes] == ["deployment"]


NOTHING_BEFORE = {
    "a first release": [replica_set(1, "v2", 1), pod_of(1)],
    "nothing ready before": [replica_set(1, "v1", 0), replica_set(2, "v2", 1), pod_of(2)],
    "sets of another": [replica_set(1, "v1", 3, owner="another"), replica_set(2, "v2", 1), pod_of(2)],
}


@pytest.mark.parametrize("case", NOTHING_BEFORE)
def test_with_nothing_that_serves_the_reason_is_said_and_nothing_is_touched(case: str) -> None:
    cluster = Cluster(deployment=deployment("v2"), items=NOTHING_BEFORE[case])
    assert roll_back(cluster, "shop").splitlines() == [
        "shop: v2 did not come up (1 of 2 pods ready), and there is no earlier release to go back to",
        NEVER_READY,
    ]
    assert cluster.changes == []


def test_a_deployment_that_was_deleted_meanwhile_serves_nothing() -> None:
    assert roll_back(Cluster(), "shop") == (
        "shop: the Deployment was deleted and nothing serves; run `pulumi refresh`, then retry"
    )


def test_an_update_that_was_refused_says_what_serves_and_changes_nothing() -> None:
    asked = deployment("v1")
    asked["status"]["readyReplicas"] = 2
    cluster = Cluster(deployment=asked)
    assert describe_refusal(cluster, "shop") == (
        "shop: v1 serves, 2 of 2 pods ready, and nothing was changed;"
        " the error of the update says what failed"
    )
    assert cluster.changes == []


def test_an_update_that_was_refused_where_nothing_is_ready_says_so() -> None:
    asked = deployment("v1")
    asked["spec"]["replicas"] = 3
    assert describe_refusal(Cluster(deployment=asked), "shop").startswith(
        "shop: v1 serves, 0 of 3 pods ready, and"
    )


def test_a_creation_that_was_refused_leaves_nothing_that_serves() -> None:
    assert describe_refusal(Cluster(), "shop").startswith(
        "shop: there is no such Deployment, so nothing serves;"
    )


def test_of_a_cluster_that_is_away_nobody_knows_what_serves() -> None:
    assert describe_refusal(Cluster(refused="get"), "shop") == (
        "shop: it is not known what serves: was refused"
    )


def test_what_is_up_already_is_not_rolled_back() -> None:
    cluster = Cluster(
        deployment=deployment("v2", progress="NewReplicaSetAvailable"),
        items=[replica_set(1, "v1", 0), replica_set(2, "v2", 2), pod_of(2, ready=True)],
    )
    assert roll_back(cluster, "shop") == "shop: v2 serves, 2 of 2 pods ready, so nothing was rolled back"
    assert cluster.changes == []


def test_more_pods_that_do_not_come_up_are_told_and_no_release_is_rolled_back() -> None:
    cluster = Cluster(
        deployment=deployment("v2", progress="NewReplicaSetAvailable"),
        items=[replica_set(1, "v1", 0), replica_set(2, "v2", 1), pod_of(2)],
    )
    assert roll_back(cluster, "shop").splitlines() == [
        "shop: v2 serves, 1 of 2 pods ready, so nothing was rolled back",
        NEVER_READY,
    ]
    assert cluster.changes == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"progress": "NewReplicaSetAvailable"}, True),
        ({"progress": "NewReplicaSetAvailable", "observed": 3}, False),
        ({"progress": "ProgressDeadlineExceeded"}, False),
        ({}, False),
    ],
)
def test_what_has_come_up(more: dict[str, Any], expected: bool) -> None:
    assert came_up(deployment("v1", **more)) == expected


def test_a_deployment_without_a_status_has_not_come_up() -> None:
    assert not came_up(deployment("v1") | {"status": {}})


def test_of_several_the_newest_serves() -> None:
    sets = [replica_set(9, "v9", 1), replica_set(10, "v10", 1), replica_set(11, "v11", 1)]
    found = serving_set(deployment("v11"), sets)
    assert found is sets[1], "revisions are numbers"


def test_a_set_without_an_owner_is_somebody_elses() -> None:
    stray = replica_set(1, "v1", 1)
    del stray["metadata"]["ownerReferences"]
    cluster = Cluster(deployment=deployment("v2"), items=[stray])
    assert "no earlier release to go back to" in roll_back(cluster, "shop")


def test_going_back_leaves_the_set_as_it_is() -> None:
    serving = replica_set(1, "v1", 1)
    template_patch(serving)
    assert serving == replica_set(1, "v1", 1)


def test_a_cluster_that_is_away_is_told_and_raises_nothing() -> None:
    assert roll_back(broken(refused="get"), "shop") == (
        "shop: the state of the release is not known: was refused"
    )


def test_a_release_that_cannot_be_taken_back_is_told_with_its_reason() -> None:
    assert roll_back(broken(refused="patch"), "shop").splitlines() == [
        "shop: v3 did not come up (0 of 2 pods ready) and could not be rolled back,"
        " v2 serves, 2 pods ready beside it: was refused",
        NEVER_READY,
    ]
