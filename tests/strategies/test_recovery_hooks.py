"""Hooks of the stable Deployment: when each runs, what it keeps, and what it refuses."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pulumi
import pytest

from components.cluster import ClusterError, ForbiddenError, Kubectl, NotFoundError
from components.shared import labels
from components.strategies.recovery import follow as following
from components.strategies.recovery import hooks as recovery
from components.strategies.recovery.follow import FailedRolloutError
from components.strategies.recovery.hooks import require_pull_secrets
from tests.strategies.moments import DONE, WAITING, Cluster
from tests.support.recording import record
from tests.support.workloads import workload

pytestmark = pytest.mark.usefixtures("rolls_back")


def hooks(cluster: Kubectl, *, preview: bool = False) -> pulumi.ResourceHookBinding:
    found: list[pulumi.ResourceHookBinding] = []

    def program() -> None:
        found.append(recovery.rollout_hooks("shop", workload(cluster=cluster), pulumi.Output.from_input(0)))

    record(program, preview=preview)
    return found[0]


def call(hook: Any, old: dict[str, Any] | None = None, new: dict[str, Any] | None = None) -> None:
    """Runs a hook with specs of the Deployment before and after."""

    def inputs(spec: dict[str, Any] | None) -> dict[str, Any] | None:
        return None if spec is None else {"spec": spec}

    args = pulumi.ResourceHookArgs(
        urn="urn", id="", name="shop", type="t", old_inputs=inputs(old), new_inputs=inputs(new)
    )
    asyncio.run(hook.callback(args))


FIXED, SCALED = {"replicas": 4.0}, dict[str, Any]()


# Hooks in their order, and whether previews run them; `owned` says so itself.
PLACES: dict[str, list[tuple[str, bool]]] = {
    "before_create": [("shop-cluster-of-new", False), ("owned", False), ("shop-pull-secrets", True)],
    "before_update": [("shop-cluster", True), ("shop-pull-secrets", True), ("shop-pods", False)],
    "after_create": [("shop-rollout", False)],
    "after_update": [("shop-rollout", False)],
    "before_delete": [],
    "after_delete": [],
}


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        (FIXED, SCALED, ["apply {'replicas': 2}"]),
        (FIXED, FIXED, []),
        (SCALED, SCALED, []),
        (SCALED, FIXED, []),
    ],
)
def test_pods_are_kept_when_an_autoscaler_takes_over(
    old: dict[str, Any], new: dict[str, Any], changes: list[str]
) -> None:
    cluster = Cluster(moments=[DONE])
    (*_, keeping) = hooks(cluster).before_update or []
    call(keeping, old, new)
    assert cluster.changes == changes


END = ['horizontalpodautoscaler {"minReplicas": 4, "maxReplicas": 4}', 'deployment {"replicas": 4}']


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [(SCALED, FIXED, END), (FIXED, FIXED, END), (FIXED, SCALED, []), (None, FIXED, END)],
)
def test_an_autoscaler_that_goes_agrees_to_the_fixed_number_once_the_release_is_up(
    old: dict[str, Any] | None, new: dict[str, Any], changes: list[str]
) -> None:
    """Whatever the state says of before: the attempt before this one may have failed."""
    ours = {"kind": "HorizontalPodAutoscaler", "metadata": {"labels": labels("shop")}}
    cluster = Cluster(moments=[DONE], autoscaler=ours)
    (after,) = hooks(cluster).after_update or []
    call(after, old, new)
    assert cluster.changes == ["deployment 1", "deployment 0", *changes]


def test_a_release_that_is_interrupted_is_rolled_back_once_and_followed_no_longer() -> None:
    cluster = Cluster(moments=[WAITING])
    after: Any = (hooks(cluster).after_update or [])[0]

    async def interrupted() -> None:
        called = after.callback(pulumi.ResourceHookArgs(urn="urn", id="", name="shop", type="t"))
        following = asyncio.ensure_future(called)
        while not cluster.changes:
            await asyncio.sleep(0.01)
        following.cancel()
        with pytest.raises(FailedRolloutError, match="interrupted; shop: v2 did not come up"):
            await following

    before = threading.active_count()
    asyncio.run(interrupted())  # which waits for the thread
    assert threading.active_count() == before
    assert cluster.changes == ["deployment 1", "rolled back"], "once"


def test_without_an_engine_nothing_is_followed_or_rolled_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was killed, and the next update may be under way already."""

    def gone(*_: Any, **__: Any) -> None:
        raise ConnectionError("no engine")

    cluster = Cluster(moments=[WAITING, WAITING, DONE])
    (after,) = hooks(cluster).after_update or []
    monkeypatch.setattr(following, "_LOOK_SECONDS", 0)
    monkeypatch.setattr(pulumi.log, "debug", gone)
    with pytest.raises(ConnectionError):
        call(after, FIXED, FIXED)
    assert cluster.changes == ["deployment 1"]


def test_people_see_how_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, bool]] = []
    (after,) = hooks(Cluster(moments=[WAITING, DONE])).after_create or []
    monkeypatch.setattr(following, "_LOOK_SECONDS", 0)
    monkeypatch.setattr(pulumi.log, "info", lambda line, *, ephemeral: told.append((line, ephemeral)))
    call(after, None, FIXED)
    assert told == [("1 of 2 pods are new, 2 pods are ready, 2 old pods to go", True)]


def test_each_hook_has_its_place_and_previews_run_the_checks_alone() -> None:
    binding = hooks(Cluster(), preview=True)

    def placed(found: Sequence[Any] | None) -> list[tuple[str, bool]]:
        return [(hook.name, bool(hook.opts and hook.opts.on_dry_run)) for hook in found or []]

    assert {when: placed(getattr(binding, when)) for when in PLACES} == PLACES


@pytest.mark.parametrize(
    ("operation", "preview", "said"),
    [
        ("create", False, ["shop: v1 serves"]),
        ("update", False, ["shop: v1 serves"]),
        ("delete", False, []),
        ("update", True, []),
    ],
)
def test_an_update_that_is_refused_says_what_serves_and_is_not_tried_again(
    operation: str, preview: bool, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    (hook,) = hooks(Cluster(), preview=preview).on_error or []
    monkeypatch.setattr(pulumi.log, "error", told.append)
    args = pulumi.ErrorHookArgs(
        urn="urn", id="", name="shop", type="t", failed_operation=operation, errors=["refused"]
    )
    callback: Callable[[Any], Any] = hook.callback  # type: ignore[union-attr]
    assert asyncio.run(callback(args)) is False
    assert told == said


@pytest.mark.parametrize("account", [None, {"metadata": {"uid": "uid-8"}}])
def test_another_cluster_is_named_before_anything_is_written(account: dict[str, Any] | None) -> None:
    cluster = Cluster(account=account, moments=[DONE])
    for found in (hooks(cluster).before_create, hooks(cluster).before_update):
        with pytest.raises(ClusterError, match=r"another cluster than Pulumi: .* not uid-7"):
            call((found or [])[0], FIXED, FIXED)
    assert cluster.changes == []


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        (None, False),
        (ForbiddenError("may not get secrets"), False),
        (NotFoundError("not found"), True),
    ],
)
def test_a_pull_secret_has_to_be_there_before_the_first_pod(
    error: ClusterError | None, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []

    def run(_cluster: Kubectl, *arguments: str, stdin: str = "") -> str:
        asked.append(arguments)
        if error:
            raise error
        return stdin

    monkeypatch.setattr(Cluster, "run", run)
    if refused:
        with pytest.raises(RuntimeError, match="namespace team has no Secret registry; create it first"):
            require_pull_secrets(Cluster(), ("registry",))
    else:
        require_pull_secrets(Cluster(), ("registry",))
    assert asked == [("get", "secret", "registry", "--output=name")]
