"""However a trial ends, the canary has no pods afterwards."""

from dataclasses import dataclass

import pytest

from components.cluster import ClusterError, Kubectl
from components.gate.interruption import InterruptedTrialError
from tests.gate.simulated_gate import Gate
from tests.gate.simulated_trial import Cluster, World, reason_of
from tests.support import simulated_cluster as simulated


def test_pods_that_a_trial_left_behind_go_first(world: World) -> None:
    world.scale("shop-canary", 1)()
    world.trial().run()
    assert world.said[0] == "removing the pods of an earlier trial that was cut off"
    assert world.canary_scaled == [1, 0, 1, 0]
    assert world.state["pods"]["shop-canary-11"]["born"] >= simulated.GRACE_SECONDS, "the first had gone"


def test_another_trial_takes_over(world: World) -> None:
    cluster = Cluster(clock=world.clock, state=world.state)
    world.clock.at(100, lambda: cluster.annotate("deployment", "shop-canary", {"goservice/trial": "another"}))
    assert reason_of(world.trial()) == "another trial of this canary has begun and goes on"
    assert world.canary_scaled == [1], "the pods are those of the other one now"


def test_each_trial_is_another(world: World) -> None:
    world.trial().run()
    first = world.state["deployments"]["shop-canary"]["metadata"]["annotations"]["goservice/trial"]
    world.trial().run()
    assert first != world.state["deployments"]["shop-canary"]["metadata"]["annotations"]["goservice/trial"]


def test_a_canary_that_is_deleted_meanwhile(world: World) -> None:
    def delete() -> None:
        del world.state["deployments"]["shop-canary"]
        world.state["pods"] = {n: p for n, p in world.state["pods"].items() if p["of"] != "shop-canary"}

    world.clock.at(100, delete)
    assert reason_of(world.trial()) == "the canary's Deployment has been deleted"


class SomethingElseError(BaseException):
    """Neither an error of the cluster nor one of the trial."""


@pytest.mark.parametrize("after", [1, 3, 31, 64, 100, 299])
def test_whatever_is_raised_the_canary_has_no_pods_afterwards(world: World, after: float) -> None:
    def fail() -> None:
        raise SomethingElseError

    world.clock.at(after, fail)
    with pytest.raises(SomethingElseError):
        world.trial().run()
    assert world.canary_scaled[-1] == 0
    assert world.canary_wanted == 0


def test_what_the_cluster_says_is_passed_on_and_the_canary_has_no_pods(world: World) -> None:
    @dataclass(frozen=True, kw_only=True)
    class Forbidding(Cluster):
        def run(self, *arguments: str, stdin: str = "") -> str:
            if arguments[0] == "get" and 100 <= self.clock.now < 104:
                self.clock.sleep(4)
                raise ClusterError("Error from server (Forbidden)")
            return super().run(*arguments)

    with pytest.raises(ClusterError, match="Forbidden"):
        world.trial(cluster=Forbidding(clock=world.clock, state=world.state)).run()
    assert world.canary_wanted == 0


def test_interrupted_while_it_removes_left_pods_it_removes_them(
    here: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    Kubectl(namespace="shop").scale("shop-canary", 1)
    here.now = 20.0
    once, interrupts = here.kubectl, ["SIGINT"]

    def interrupted(*arguments: str) -> str:
        if arguments[-1] == '{"spec": {"replicas": 0}}' and interrupts:
            raise InterruptedTrialError(interrupts.pop())
        return once(*arguments)

    monkeypatch.setattr(here, "kubectl", interrupted)
    code, _, said = here.run()
    assert code == 130
    assert "the canary is scaled to 0" in said[-1]
    assert here.state["deployments"]["shop-canary"]["spec"]["replicas"] == 0


def test_of_a_canary_that_is_deleted_nothing_is_left_to_clear(here: Gate) -> None:
    def delete() -> None:
        if here.now > 100 and here.state["deployments"].pop("shop-canary", None):
            pods = here.state["pods"].items()
            here.state["pods"] = {name: pod for name, pod in pods if pod["of"] != "shop-canary"}

    here.meanwhile = delete
    code, _, said = here.run()
    assert code == 1
    assert said[-2:] == [
        "ROLLED BACK: the canary's Deployment has been deleted",
        "the canary is scaled to 0, and the stable track still serves v1",
    ]
