"""The pace of a rollout: pods added at a time, and how long they have to be ready."""

import pytest

from components import ArgsError, Probes, Release, Resources, Rollout
from components.kubernetes import Manifest, Owner, Pod, deployment
from tests.support.recording import record

POD = Pod(
    owner=Owner(name="shop", namespace="team"),
    release=Release(image="shop"),
    port=8080,
    probes=Probes(),
    resources=Resources(),
    pre_stop_seconds=5,
    grace_seconds=35,
    pull_secrets=(),
    hashes={},
)


def made(rollout: Rollout) -> Manifest:
    """The Deployment, made within a program, as some of it is an Output."""
    found: list[Manifest] = []

    def program() -> None:
        found.append(deployment(POD, rollout, name="shop", track="stable", replicas={}, annotations={}))

    record(program)
    return found[0]


@pytest.mark.parametrize(
    ("text", "value"), [("25%", "25%"), ("1%", "1%"), ("100%", "100%"), ("1", 1), ("999", 999)]
)
def test_a_rollout_adds_pods_and_never_takes_one_that_serves(text: str, value: int | str) -> None:
    pace = made(Rollout(max_surge=text))["spec"]["strategy"]
    assert pace == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": value, "maxUnavailable": 0}}


@pytest.mark.parametrize("text", ["", "0", "0%", "-1", "01", "101%", "1.5", "25 %", "1000", "all", "٣"])
def test_a_surge_that_adds_no_pod_or_is_none_is_refused(text: str) -> None:
    with pytest.raises(ArgsError) as caught:
        Rollout(max_surge=text)
    assert str(caught.value) == (
        f'Rollout.max_surge: "{text}" is not a number of pods to add; '
        "use a percentage of the pods, 1% to 100%, or a number of them, 1 to 999"
    )


def test_the_default_is_a_quarter_of_the_pods_which_is_at_least_one() -> None:
    """Kubernetes rounds a percentage up."""
    assert made(Rollout())["spec"]["strategy"]["rollingUpdate"]["maxSurge"] == "25%"


def test_pods_have_to_stay_ready_only_where_it_is_asked_for() -> None:
    assert "minReadySeconds" not in made(Rollout())["spec"]
    assert made(Rollout(min_ready_seconds=5))["spec"]["minReadySeconds"] == 5


@pytest.mark.parametrize("seconds", [60, 61])
def test_a_pod_has_time_to_stay_ready(seconds: int) -> None:
    """The API server refuses a progress deadline that is not above it."""
    with pytest.raises(ArgsError) as caught:
        Rollout(timeout_seconds=60, min_ready_seconds=seconds)
    assert str(caught.value) == (
        f"Rollout.min_ready_seconds: {seconds} is not below timeoutSeconds 60; "
        "lower it or raise timeoutSeconds"
    )


@pytest.mark.parametrize("rollout", [Rollout(max_surge="2"), Rollout(min_ready_seconds=30)])
def test_the_pace_is_not_in_the_pods(rollout: Rollout) -> None:
    assert made(rollout)["spec"]["template"] == made(Rollout())["spec"]["template"]
    assert made(rollout)["spec"]["selector"] == made(Rollout())["spec"]["selector"]
