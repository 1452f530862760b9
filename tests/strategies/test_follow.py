"""A rollout is followed to its end or rolled back; the next update knows of one that was not seen to end."""

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from components.cluster import ClusterError, Kubectl
from components.strategies.recovery.follow import FailedRolloutError, FollowedRollout, follow
from tests.strategies.moments import DONE, WAITING, Cluster, moment

pytestmark = pytest.mark.usefixtures("rolls_back")


@dataclass
class Clock:
    """Time that passes while somebody sleeps."""

    now: float = 0

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        assert self.now < 10_000, "it is followed for ever"


def rollout(cluster: Kubectl, **more: Any) -> FollowedRollout:
    plain = FollowedRollout(cluster=cluster, service="shop", seconds=30, unproven=0, minimum=0)
    return replace(plain, **more)


def followed(cluster: Cluster, **more: Any) -> tuple[list[str], float]:
    """What was said, and how long it took."""
    clock, said = Clock(), list[str]()
    follow(rollout(cluster, **more), said.append, sleep=clock.sleep, clock=lambda: clock.now)
    return said, clock.now


def test_it_waits_for_the_last_pod_and_says_each_step_once() -> None:
    cluster = Cluster(moments=[moment(2, 2, 2, observed=3), WAITING, WAITING, moment(2, 3, 3), DONE])
    said, seconds = followed(cluster)
    assert said == [
        "1 of 2 pods are new, 2 pods are ready, 2 old pods to go",
        "2 of 2 pods are new, 3 pods are ready, 1 old pod to go",
    ]
    assert seconds < 2, "it looks often"
    assert cluster.changes == ["deployment 1", "deployment 0"], "it is unproven until it is complete"


def test_one_that_does_not_come_up_is_rolled_back_and_stays_unproven() -> None:
    cluster = Cluster(moments=[WAITING])
    with pytest.raises(FailedRolloutError, match="shop: v2 did not come up"):
        followed(cluster)
    assert cluster.changes == ["deployment 1", "rolled back"]


@pytest.mark.parametrize("seconds", [30, 90])
def test_it_takes_as_long_as_is_set_from_the_moment_it_begins(seconds: int) -> None:
    cluster, clock = Cluster(moments=[moment(2, 2, 2, observed=3)]), Clock(now=1000)
    with pytest.raises(FailedRolloutError):
        follow(rollout(cluster, seconds=seconds), lambda _: None, sleep=clock.sleep, clock=lambda: clock.now)
    assert 1000 + seconds <= clock.now <= 1000 + seconds + 1


def test_the_count_goes_on_and_comes_back_to_what_the_manifest_says() -> None:
    cluster = Cluster(moments=[DONE])
    followed(cluster, unproven=7)
    assert cluster.changes == ["deployment 8", "deployment 7"]


def test_a_deployment_that_is_deleted_meanwhile_ends_it() -> None:
    cluster = Cluster(moments=[WAITING, None])
    with pytest.raises(FailedRolloutError):
        followed(cluster)
    assert cluster.changes == ["deployment 1", "rolled back"]


def test_a_cluster_that_is_away_for_good_is_said_and_nothing_is_rolled_back() -> None:
    cluster = Cluster(moments=[WAITING, ClusterError("was refused")])
    with pytest.raises(FailedRolloutError, match="how the release goes: was refused\\n  run"):
        followed(cluster)
    assert cluster.changes == ["deployment 1"]


def test_the_minimum_of_an_autoscaler_are_there_before_it_is() -> None:
    cluster = Cluster(
        moments=[moment(1, 1, 1, wanted=1), moment(1, 1, 1, wanted=3), moment(3, 3, 3, wanted=3)]
    )
    followed(cluster, minimum=3)
    assert cluster.changes == ["deployment 1", 'deployment {"replicas": 3}', "deployment 0"]


def test_pods_that_come_up_after_all_lose_the_record_of_their_failure() -> None:
    """A rollback would skip them otherwise, as a release that failed."""
    failed = {"verdict": "rolled back", "reason": "did not come up", "release": {"version": "", "image": "i"}}
    pods = {"metadata": {"labels": {}}, "spec": {"containers": []}}
    others = {"metadata": {"labels": {"app.kubernetes.io/version": "v1"}}, "spec": {"containers": []}}

    def replica_set(name: str, template: dict[str, Any]) -> dict[str, Any]:
        notes = {"goservice/record": json.dumps(failed)}
        return {"metadata": {"name": name, "annotations": notes}, "spec": {"template": template}}

    cluster = Cluster(
        moments=[DONE], replica_sets=[replica_set("shop-2", pods), replica_set("shop-1", others)]
    )
    followed(cluster)
    assert cluster.changes == ["deployment 1", "replicaset None", "deployment 0"]
