"""Progress decides how long a rollout may take, pod by pod."""

from collections.abc import Iterator
from typing import Any

import pytest

from components.strategies.recovery.progress import Patience, Progress, progress


def deployment(
    wanted: int, updated: int, total: int, available: int, *, observed: int = 4, surge: int | str = 1
) -> dict[str, Any]:
    counts = {"updatedReplicas": updated, "replicas": total, "availableReplicas": available}
    counts["readyReplicas"] = available
    pace = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": 0}}
    return {
        "metadata": {"generation": 4},
        "spec": {"replicas": wanted, "strategy": pace},
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


def at(wanted: int, updated: int, old: int, available: int, *, fresh: int = 0, surge: int = 1) -> Progress:
    """A moment of a rollout.

    fresh: pods that are ready and not yet available.
    """
    return Progress(
        wanted=wanted, updated=updated, old=old, ready=available + fresh, available=available, surge=surge
    )


def test_pods_that_are_only_just_ready_do_not_complete_it() -> None:
    state = progress(deployment(3, 3, 3, 2))
    assert state is not None
    assert not state.is_complete
    later = deployment(3, 3, 3, 2)
    later["status"]["readyReplicas"] = 3
    state = progress(later)
    assert state is not None
    assert not state.is_complete, "the third has not been ready for minReadySeconds"
    assert state.text == "3 of 3 pods are new, 3 pods are ready, 1 of them only just"


def test_in_words() -> None:
    assert at(3, 1, 2, 2).text == "1 of 3 pods are new, 2 pods are ready, 2 old pods to go"
    assert at(3, 3, 1, 3).text.endswith(", 1 old pod to go")
    assert at(3, 3, 0, 2).text == "3 of 3 pods are new, 2 pods are ready"
    assert at(3, 1, 3, 3, fresh=1).text == (
        "1 of 3 pods are new, 4 pods are ready, 1 of them only just, 3 old pods to go"
    )


@pytest.mark.parametrize(
    ("surge", "wanted", "added"),
    [("25%", 1, 1), ("25%", 4, 1), ("25%", 5, 2), ("25%", 20, 5), ("100%", 7, 7), (1, 20, 1), (3, 2, 3)],
)
def test_pods_that_a_rollout_adds_are_counted_as_kubernetes_does(
    surge: int | str, wanted: int, added: int
) -> None:
    full, more = (
        progress(deployment(wanted, 1, total, wanted, surge=surge))
        for total in (wanted + added, wanted + added + 1)
    )
    assert full is not None
    assert more is not None
    assert full.surge == added
    assert not full.is_shrinking
    assert more.is_shrinking, "there are more than the rollout adds"


def test_another_strategy_adds_none() -> None:
    """Set by hand: old pods go first, and the release is followed all the same."""
    recreated = deployment(3, 0, 3, 3)
    recreated["spec"]["strategy"] = {"type": "Recreate"}
    state = progress(recreated)
    assert state is not None
    assert state.surge == 0


def rolling(pods: int, seconds_each: int, done: int = 0) -> Iterator[tuple[int, Progress]]:
    """Seconds of a rollout pod by pod: each new one takes its time, then an old one goes.

    done: pods that are new already.
    """
    now = 0
    for new in range(done, pods):
        for _ in range(seconds_each):
            yield now, at(pods, new + 1, pods - new, pods)
            now += 1
        yield now, at(pods, new + 1, pods - new, pods + 1)
        yield now + 1, at(pods, new + 1, pods - new - 1, pods)
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


def surging(pods: int, surge: int, seconds_each: int, ready_for: int) -> Iterator[tuple[int, Progress]]:
    """Seconds of a rollout a few pods at a time, which have to stay ready for a while."""
    now = 0
    for done in range(0, pods, surge):
        new = min(done + surge, pods)
        for _ in range(seconds_each):
            yield now, at(pods, new, pods - done, pods, surge=surge)
            now += 1
        for _ in range(ready_for):
            yield now, at(pods, new, pods - done, pods, fresh=new - done, surge=surge)
            now += 1
        yield now, at(pods, new, pods - done, pods + new - done, surge=surge)
        now += 1
    yield now, at(pods, pods, 0, pods, surge=surge)


@pytest.mark.parametrize("pods", [2, 20])
def test_a_pod_may_take_its_time_to_start_and_then_to_stay_ready(pods: int) -> None:
    patience, states = Patience(30, 0), list(surging(pods, -(-pods // 4), 20, 20))
    assert not any(patience.is_over(state, now) for now, state in states)
    assert states[-1][1].is_complete
    scores = [state.score for _, state in states]
    assert scores == sorted(scores)


@pytest.mark.parametrize(("seconds_each", "ready_for"), [(32, 5), (5, 32)])
def test_pods_that_stop_on_their_way_end_it_whatever_is_added_at_a_time(
    seconds_each: int, ready_for: int
) -> None:
    patience = Patience(30, 0)
    assert any(patience.is_over(state, now) for now, state in surging(20, 5, seconds_each, ready_for))


def test_a_pod_that_comes_and_goes_is_no_progress() -> None:
    patience = Patience(30, 0)
    over = [patience.is_over(at(2, 1, 2, 2 + now % 2), now) for now in range(40)]
    assert over.index(True) == 32, "30 s after it was ready for the first time"


def scaled_down(wanted: int, seconds_each: int, *, counted: bool) -> Iterator[tuple[int, Progress]]:
    """Seconds of a rollout of 20 pods of which an autoscaler takes some away when half are new.

    counted: whether the pods are counted again by the time the cluster has seen how many are wanted.
    """
    yield 0, at(20, 10, 10, 20)
    if not counted:
        yield 1, at(wanted, 10, 10, 20)
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


def test_pods_that_are_too_many_for_good_end_it() -> None:
    """As after maxSurge was lowered: Kubernetes takes no old pod away as long as no new one is ready."""
    patience = Patience(30, 0)
    over = [patience.is_over(at(4, 4, 4, 4), now) for now in range(40)]
    assert over.index(True) == 31


def test_pods_that_are_too_many_and_go_one_by_one_have_time_for_each() -> None:
    patience = Patience(30, 0)
    for total, now in zip(range(20, 5, -1), range(0, 400, 25), strict=False):
        assert not patience.is_over(at(4, 4, total - 4, total), now)


def test_a_pod_that_an_autoscaler_takes_away_gives_time_once() -> None:
    patience = Patience(30, 0)
    over = [patience.is_over(at(3 if now < 10 else 2, 1, 2, 2), now) for now in range(60)]
    assert over.index(True) == 41, "30 s after it was taken away"


def test_pods_of_which_none_is_ready_yet_are_progress() -> None:
    patience = Patience(30, 0)
    assert not patience.is_over(at(3, 1, 3, 0), 25)
    assert not patience.is_over(at(3, 2, 2, 0), 50)
    assert patience.is_over(at(3, 2, 2, 0), 81)


def test_nothing_seen_by_the_cluster_is_no_progress() -> None:
    patience = Patience(30, 100)
    assert not patience.is_over(None, 130)
    assert patience.is_over(None, 130.1)


def test_pods_that_an_autoscaler_adds_give_it_time() -> None:
    patience = Patience(30, 0)
    assert not patience.is_over(at(2, 1, 2, 2), 0)
    assert not patience.is_over(at(4, 3, 2, 2), 25)
    assert not patience.is_over(at(4, 3, 2, 2), 55)
    assert patience.is_over(at(4, 3, 2, 2), 56)
