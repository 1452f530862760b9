"""Progress decides how long a rollout may take, pod by pod."""

from collections.abc import Iterator
from typing import Any

import pytest

from components.strategies.recovery.progress import Patience, Progress, progress


def deployment(wanted: int, updated: int, total: int, available: int, observed: int = 4) -> dict[str, Any]:
    counts = {"updatedReplicas": updated, "replicas": total, "availableReplicas": available}
    return {
        "metadata": {"generation": 4},
        "spec": {"replicas": wanted},
        # The API server leaves out what is 0.
        "status": {"observedGeneration": observed} | {key: count for key, count in counts.items() if count},
    }


def test_what_the_cluster_has_not_seen_has_no_progress() -> None:
    assert progress(deployment(3, 3, 3, 3, observed=3)) is None
    assert progress(deployment(3, 3, 3, 3) | {"status": {}}) is None


@pytest.mark.parametrize(
    ("counts", "complete"),
    [
        ((3, 3, 3, 3), True),
        ((3, 3, 4, 4), False),  # an old pod is left
        ((3, 2, 3, 3), False),  # one is still to be made
        ((3, 3, 3, 2), False),  # one is not ready
        ((3, 0, 3, 3), False),  # nothing has begun
        ((2, 3, 3, 3), True),  # scaled down: what is too many goes
        ((2, 3, 3, 2), False),  # the one that goes may be the one that is ready
    ],
)
def test_complete_is_all_new_and_ready(counts: tuple[int, int, int, int], complete: bool) -> None:
    state = progress(deployment(*counts))
    assert state is not None
    assert state.is_complete == complete


def test_in_words() -> None:
    assert Progress(wanted=3, updated=1, old=2, available=2).text == (
        "1 of 3 pods are new, 2 pods are ready, 2 old pods to go"
    )
    assert Progress(wanted=3, updated=3, old=1, available=3).text.endswith(", 1 old pod to go")
    assert Progress(wanted=3, updated=3, old=0, available=2).text == "3 of 3 pods are new, 2 pods are ready"


def rolling(pods: int, seconds_each: int, done: int = 0) -> Iterator[tuple[int, Progress]]:
    """Seconds of a rollout pod by pod: each new one takes its time, then an old one goes.

    done: pods that are new already.
    """
    now = 0
    for new in range(done, pods):
        for _ in range(seconds_each):
            yield now, Progress(wanted=pods, updated=new + 1, old=pods - new, available=pods)
            now += 1
        yield now, Progress(wanted=pods, updated=new + 1, old=pods - new, available=pods + 1)
        yield now + 1, Progress(wanted=pods, updated=new + 1, old=pods - new - 1, available=pods)
        now += 1


@pytest.mark.parametrize("pods", [1, 6, 30])
def test_a_rollout_may_take_long_as_long_as_it_gets_on(pods: int) -> None:
    patience = Patience(30, 0)
    states = list(rolling(pods, 20))
    assert not any(patience.is_over(state, now) for now, state in states)
    assert states[-1][1].is_complete
    assert states[-1][0] >= 20 * pods


@pytest.mark.parametrize("pods", [1, 6, 30])
def test_a_pod_that_takes_too_long_ends_it(pods: int) -> None:
    patience = Patience(30, 0)
    assert any(patience.is_over(state, now) for now, state in rolling(pods, 32))


def test_it_never_falls_while_all_is_well() -> None:
    scores = [state.score for _, state in rolling(6, 5)]
    assert scores == sorted(scores)


def test_a_pod_that_comes_and_goes_is_no_progress() -> None:
    patience = Patience(30, 0)
    over = [
        patience.is_over(Progress(wanted=2, updated=1, old=2, available=2 + now % 2), now)
        for now in range(40)
    ]
    assert over.index(True) == 32, "30 s after it was ready for the first time"


def scaled_down(wanted: int, seconds_each: int, *, counted: bool) -> Iterator[tuple[int, Progress]]:
    """Seconds of a rollout of 20 pods of which an autoscaler takes some away when half are new.

    counted: whether the pods are counted again by the time the cluster has seen how many are wanted.
    """
    yield 0, Progress(wanted=20, updated=10, old=10, available=20)
    if not counted:
        yield 1, Progress(wanted=wanted, updated=10, old=10, available=20)
    for later, state in rolling(wanted, seconds_each, wanted // 2):
        yield 2 + later, state


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize("wanted", [1, 3, 6, 15, 19])
def test_pods_that_an_autoscaler_takes_away_are_no_standstill(wanted: int, counted: bool) -> None:
    patience = Patience(30, 0)
    for now, state in scaled_down(wanted, 20, counted=counted):
        assert not patience.is_over(state, now), (now, state)


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize("wanted", [1, 3, 6, 15, 19])
def test_a_standstill_after_pods_were_taken_away_ends_it(wanted: int, counted: bool) -> None:
    patience = Patience(30, 0)
    assert any(patience.is_over(state, now) for now, state in scaled_down(wanted, 32, counted=counted))


def test_a_pod_that_an_autoscaler_takes_away_gives_time_once() -> None:
    patience = Patience(30, 0)
    over = [
        patience.is_over(Progress(wanted=3 if now < 10 else 2, updated=1, old=2, available=2), now)
        for now in range(60)
    ]
    assert over.index(True) == 41, "30 s after it was taken away"


def test_pods_of_which_none_is_ready_yet_are_progress() -> None:
    patience = Patience(30, 0)
    assert not patience.is_over(Progress(wanted=3, updated=1, old=3, available=0), 25)
    assert not patience.is_over(Progress(wanted=3, updated=2, old=2, available=0), 50)
    assert patience.is_over(Progress(wanted=3, updated=2, old=2, available=0), 81)


def test_nothing_seen_by_the_cluster_is_no_progress() -> None:
    patience = Patience(30, 100)
    assert not patience.is_over(None, 130)
    assert patience.is_over(None, 130.1)


def test_pods_that_an_autoscaler_adds_give_it_time() -> None:
    patience = Patience(30, 0)
    assert not patience.is_over(Progress(wanted=2, updated=1, old=2, available=2), 0)
    assert not patience.is_over(Progress(wanted=4, updated=3, old=2, available=2), 25)
    assert not patience.is_over(Progress(wanted=4, updated=3, old=2, available=2), 55)
    assert patience.is_over(Progress(wanted=4, updated=3, old=2, available=2), 56)
