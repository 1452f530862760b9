"""What ends a trial from outside: changes of what runs, refusals, evictions; and what does not."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from tests.gate.simulated_trial import PLAN, World, failed, reason_of

QUOTA = "pods is forbidden: exceeded quota: tight"
EVICTED = "The node was low on resource: memory."


def change(world: World, deployment: str, **container: Any) -> None:
    """Replaces fields of the container in a pod template."""
    template = copy.deepcopy(world.state["deployments"][deployment]["spec"]["template"])
    template["spec"]["containers"][0] |= container
    world.state["deployments"][deployment]["spec"]["template"] = template


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "image": (
        {"image": "registry/shop@sha256:v3"},
        "its image: registry/shop@sha256:v2 -> registry/shop@sha256:v3",
    ),
    "environment": (
        {"env": [{"name": "TOKEN", "value": "secret"}]},
        "its pod template: spec.containers.shop.env",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_canary_that_is_changed_from_outside_ends_the_trial(world: World, case: str) -> None:
    changed, told = CHANGES[case]
    world.clock.at(100, lambda: change(world, "shop-canary", **changed))
    assert reason_of(world.trial()) == f"the canary was changed from outside during its trial: {told}"
    assert world.clock.now <= 102
    assert world.canary_wanted == 0


def test_a_stable_track_with_another_image_ends_the_trial(world: World) -> None:
    world.clock.at(100, lambda: change(world, "shop", image="registry/shop@sha256:v9"))
    assert reason_of(world.trial()) == (
        "the stable track was changed from outside during the trial: its image:"
        " registry/shop@sha256:v1 -> registry/shop@sha256:v9"
    )
    assert world.canary_wanted == 0


def test_other_changes_of_the_stable_track_are_none_of_its_business(world: World) -> None:
    world.clock.at(100, lambda: change(world, "shop", env=[{"name": "A", "value": "1"}]))
    world.trial().run()
    assert world.canary_scaled == [1, 0]


def test_a_quota_that_refuses_all_pods_ends_it_at_once(world: World) -> None:
    world.state["quota"] = 0
    assert reason_of(world.trial()) == f"did not come up (0 of 1 pods ready): no pod can be made: {QUOTA}"
    assert 5 <= world.clock.now <= 7


def test_a_quota_that_refuses_some_of_the_pods_ends_it_at_once(world: World) -> None:
    world.state["quota"] = 3
    reason = reason_of(world.trial(replace(PLAN, steps=(50,))))
    assert reason == f"did not come up (3 of 9 pods ready): no further pod can be made: {QUOTA}"
    assert world.clock.now <= 7


def test_a_refusal_that_passes_is_waited_for(world: World) -> None:
    world.state["quota"] = 0
    world.clock.at(4, lambda: world.state.update(quota=None))
    world.trial().run()
    assert world.canary_scaled == [1, 0]


def test_a_refusal_in_the_middle_of_a_trial_ends_it(world: World) -> None:
    def refuse() -> None:
        world.evict("shop-canary")
        world.state["quota"] = 0

    world.clock.at(100, refuse)
    assert reason_of(world.trial()) == f"did not stay up (0 of 1 pods ready): no pod can be made: {QUOTA}"
    assert world.clock.now <= 110


def test_a_paused_deployment_ends_it_at_once(world: World) -> None:
    world.state["deployments"]["shop-canary"]["spec"]["paused"] = True
    world.state["start_seconds"]["shop-canary"] = 1000
    assert "no pod is made while the Deployment is paused; resume its rollout" in reason_of(world.trial())
    assert world.clock.now <= 7


def test_pods_without_a_node_are_waited_for_and_the_reason_is_said(world: World) -> None:
    full = "0/1 nodes are available: 1 Insufficient cpu."
    unscheduled = {"type": "PodScheduled", "status": "False", "message": full}
    world.set(status={"conditions": [unscheduled], "containerStatuses": []})()
    world.clock.at(40, world.set(status={}))
    world.trial().run()
    assert world.said[0] == f"waiting for the canary, 0 of 1 pods ready: not scheduled: {full}"
    assert world.canary_scaled == [1, 0]


def test_evictions_up_to_the_limit_are_said_and_forgiven(world: World) -> None:
    for second in (100, 160):
        world.clock.at(second, lambda: world.evict("shop-canary"))
    world.trial().run()
    told = [line for line in world.said if "evicted" in line]
    assert told == [
        f"a pod of the canary was evicted (1, limit 2): {EVICTED}",
        f"a pod of the canary was evicted (2, limit 2): {EVICTED}",
    ]


def test_more_evictions_than_the_limit_end_it(world: World) -> None:
    for second in (100, 160, 220):
        world.clock.at(second, lambda: world.evict("shop-canary"))
    reason = reason_of(world.trial())
    assert reason == f"3 pods were evicted, more than the limit of 2: {EVICTED}"
    assert world.clock.now <= 222


def test_without_forgiveness_the_first_eviction_ends_it(world: World) -> None:
    world.clock.at(100, lambda: world.evict("shop-canary"))
    reason = reason_of(world.trial(replace(PLAN, eviction_limit=0)))
    assert reason == f"1 pod was evicted, more than the limit of 0: {EVICTED}"


def test_pods_that_were_evicted_in_an_earlier_trial_neither_count_nor_are_waited_for(world: World) -> None:
    for number in range(3):
        name = f"shop-canary-old{number}"
        world.state["pods"][name] = {"of": "shop-canary", "born": -50.0, "left": None, "evicted": True}
    world.trial(replace(PLAN, eviction_limit=0)).run()
    assert not any("evicted" in line or "removing" in line for line in world.said)


def test_pods_that_are_drained_are_no_evictions(world: World) -> None:
    def drain() -> None:
        for pod in world.state["pods"].values():
            if pod["of"] == "shop-canary":
                pod["left"] = world.clock.now

    for second in (60, 120, 180, 240):
        world.clock.at(second, drain)
    world.trial(replace(PLAN, eviction_limit=0)).run()
    assert not any("evicted" in line for line in world.said)


def shop(**more: Any) -> dict[str, Any]:
    return {"name": "shop", "ready": True, "restartCount": 0, "state": {"running": {}}} | more


def ended(reason: str, code: int) -> dict[str, Any]:
    return {"restartCount": 1, "lastState": {"terminated": {"reason": reason, "exitCode": code}}}


def test_a_container_that_ended_with_its_node_did_not_crash(world: World) -> None:
    world.clock.at(100, world.set(status={"containerStatuses": [shop(**ended("Unknown", 255))]}))
    world.trial().run()
    assert world.outcomes == ["pass"] * 9


def test_the_service_may_exit_with_255_by_itself_and_that_is_a_crash(world: World) -> None:
    world.clock.at(100, world.set(status={"containerStatuses": [shop(**ended("Error", 255))]}))
    assert "crashed: Error, exit code 255" in reason_of(world.trial())


def test_a_sidecar_that_restarts_is_said_once_and_not_judged(world: World) -> None:
    sidecar = shop(**ended("Error", 1)) | {"name": "proxy"}
    for template in (world.state["deployments"][name]["spec"]["template"] for name in world.names):
        template["spec"]["containers"].append({"name": "proxy", "image": "proxy"})
    world.clock.at(100, world.set(status={"containerStatuses": [sidecar, shop()]}))
    world.trial().run()
    assert [line for line in world.said if "sidecar" in line] == ["sidecar proxy restarted, not judged"]


def test_beside_a_sidecar_a_crash_names_the_container(world: World) -> None:
    for template in (world.state["deployments"][name]["spec"]["template"] for name in world.names):
        template["spec"]["containers"].append({"name": "proxy", "image": "proxy"})
    statuses = [shop() | {"name": "proxy"}, shop(**ended("Error", 2))]
    world.clock.at(100, world.set(status={"containerStatuses": statuses}))
    error = failed(world.trial())
    assert "container shop crashed: Error, exit code 2" in str(error)
