"""A failed release goes back to the ReplicaSet that still serves."""

import json
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pytest

from components import take_back
from components.kubectl import ClusterError, Kubectl
from components.take_back import going_back, serving_set, taken_back

from .recording import record

UID = "uid-1"
REVISION = "deployment.kubernetes.io/revision"


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
        "metadata": {
            "name": f"shop-{revision}",
            "annotations": {REVISION: str(revision)},
            "ownerReferences": [{"uid": owner}],
        },
        "spec": {"template": made},
        "status": {"replicas": ready} | ({"readyReplicas": ready} if ready else {}),
    }


def deployment(revision: int, version: str) -> dict[str, Any]:
    return {
        "metadata": {"uid": UID, "annotations": {REVISION: str(revision)}},
        "spec": {"template": template(version)},
    }


@dataclass(frozen=True, kw_only=True)
class Cluster(Kubectl):
    """Gives what it was told, and keeps what it was told to do."""

    namespace: str = "shop"
    deployment: dict[str, Any] | None = None
    sets: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    error: str = ""
    commands: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    def run(self, *arguments: str) -> str:
        if self.error:
            raise ClusterError(self.error)
        self.commands.append(arguments)
        if arguments[:2] == ("get", "replicasets"):
            return json.dumps({"items": self.sets})
        return json.dumps(self.deployment)

    def get(self, kind: str, name: str) -> dict[str, Any] | None:
        return None if self.deployment is None and not self.error else super().get(kind, name)


def test_the_set_that_still_serves_takes_over() -> None:
    cluster = Cluster(
        deployment=deployment(3, "v3"),
        sets=[replica_set(1, "v1", 0), replica_set(2, "v2", 2), replica_set(3, "v3", 0)],
    )
    assert taken_back(cluster, "shop") == (
        "shop: v3 did not come up and is TAKEN BACK; v2 serves, 2 pods ready"
    )
    assert cluster.commands[1][3] == (
        "app.kubernetes.io/name=shop,app.kubernetes.io/instance=shop,track=stable"
    )
    *call, note = cluster.commands[-2]
    assert call == ["patch", "replicaset", "shop-3", "--type", "merge", "--patch"]
    assert json.loads(json.loads(note)["metadata"]["annotations"]["goservice/record"]) == {
        "verdict": "taken back",
        "reason": "did not come up",
        "release": {"version": "v3", "image": "shop@v3"},
    }
    *call, patch = cluster.commands[-1]
    assert call == ["patch", "deployment", "shop", "--type", "json", "--patch"]
    assert json.loads(patch) == [{"op": "replace", "path": "/spec/template", "value": template("v2")}]


def test_without_a_version_the_image_is_named() -> None:
    cluster = Cluster(deployment=deployment(2, ""), sets=[replica_set(1, "v1", 1)])
    assert taken_back(cluster, "shop").startswith("shop: shop@ did not come up and is TAKEN BACK; v1 serves")


@pytest.mark.parametrize(
    "cluster",
    [
        Cluster(),
        Cluster(deployment=deployment(1, "v1")),
        Cluster(deployment=deployment(1, "v1"), sets=[replica_set(1, "v1", 1)]),
        Cluster(deployment=deployment(2, "v2"), sets=[replica_set(1, "v1", 0), replica_set(2, "v2", 1)]),
        Cluster(deployment=deployment(2, "v2"), sets=[replica_set(1, "v1", 3, owner="another")]),
    ],
    ids=["no deployment", "no set", "a first release", "nothing ready before", "sets of another"],
)
def test_with_nothing_that_serves_nothing_is_touched(cluster: Cluster) -> None:
    assert taken_back(cluster, "shop") == "shop: no earlier release serves, so there is nothing to go back to"
    assert all(command[0] == "get" for command in cluster.commands)


def test_of_several_the_newest_serves() -> None:
    sets = [replica_set(9, "v9", 1), replica_set(10, "v10", 1), replica_set(11, "v11", 1)]
    found = serving_set(deployment(11, "v11"), sets)
    assert found is sets[1], "revisions are numbers"


def test_a_set_without_an_owner_is_somebody_elses() -> None:
    stray = replica_set(1, "v1", 1)
    del stray["metadata"]["ownerReferences"]
    assert serving_set(deployment(2, "v2"), [stray]) is None


def test_going_back_leaves_the_set_as_it_is() -> None:
    serving = replica_set(1, "v1", 1)
    going_back(serving)
    assert serving == replica_set(1, "v1", 1)


def test_a_cluster_that_is_away_is_told_and_raises_nothing() -> None:
    assert taken_back(Cluster(error="was refused"), "shop") == (
        "shop: could not be taken back, and the release before it serves on beside it: was refused"
    )


@pytest.mark.parametrize("operation", ["create", "update", "delete"])
def test_only_a_failed_update_is_taken_back_and_stays_a_failure(
    operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, str]] = []
    told: list[str] = []

    def take(cluster: Kubectl, service: str) -> str:
        done.append((cluster.namespace, service))
        return "taken back"

    def error(line: str) -> None:
        told.append(line)

    monkeypatch.setattr(take_back, "taken_back", take)
    monkeypatch.setattr(pulumi.log, "error", error)
    made: list[pulumi.ResourceHookBinding] = []
    record(lambda: made.append(take_back.hook("shop", "team", "sample")))
    (hook,) = made[0].on_error or []
    assert isinstance(hook, pulumi.ErrorHook)
    args = pulumi.ErrorHookArgs(
        urn="urn", id="id", name="shop-deployment", type="t", failed_operation=operation, errors=["e"]
    )
    assert hook.callback(args) is False
    assert done == ([("team", "sample")] if operation == "update" else [])
    assert told == (["taken back"] if operation == "update" else [])
