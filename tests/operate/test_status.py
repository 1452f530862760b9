"""`status` shows both tracks and the last verdict."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support import trials

from .conftest import IMAGE, Result, Stack, replica_set


def deployment(number: int, track: str, replicas: int, record: Any = None) -> dict[str, Any]:
    labels = {"track": track, "app.kubernetes.io/version": f"v{number}"}
    image = f"{IMAGE}@sha256:{str(number) * 64}"
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"image": image}]}}
    annotations = {"deployment.kubernetes.io/revision": "1"}
    if record:
        verdict, reason = record
        release = {"version": f"v{number}", "image": image}
        said = {"verdict": verdict, "reason": reason, "release": release, "seconds": 60}
        annotations["goservice/record"] = json.dumps(said)
    name = "shop" if track == "stable" else "shop-canary"
    return {
        "kind": "Deployment",
        "metadata": {"name": name, "uid": name, "annotations": annotations},
        "spec": {"replicas": replicas, "template": template},
    }


def pod(name: str, track: str) -> dict[str, Any]:
    return {
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"track": track}},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }


AUTOSCALER = {
    "spec": {"minReplicas": 3, "maxReplicas": 20},
    "status": {
        "currentMetrics": [
            {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 12}}},
            {"type": "Resource", "resource": {"name": "memory", "current": {"averageValue": "9Mi"}}},
        ]
    },
}


def test_both_tracks_are_shown_with_their_shares(stack: Stack, run: Callable[..., Result]) -> None:
    stack.configure(
        rollout={"strategy": "canary"}, canary={"prometheus": "monitoring/prometheus:9090", "steps": [25]}
    )
    pods = [pod(f"s{number}", "stable") for number in range(3)] + [pod("c1", "canary")]
    tried = deployment(2, "canary", 1, record=("rolled back", "2 of 2 samples failed"))
    stack.write("tracks", {"items": [deployment(1, "stable", 3), tried, *pods]})
    stack.write("autoscaler", AUTOSCALER)
    code, output = run("status", "--stack", "dev")
    assert code == 0
    assert [" ".join(line.split()) for line in output.splitlines()] == [
        "shop in namespace team, stack dev, strategy canary",
        "track version pods ready share image",
        f"stable v1 3/3 75 % {'1' * 12}",
        f"canary v2 1/1 25 % {'2' * 12}",
        "last verdict: v2 rolled back: 2 of 2 samples failed",
        "autoscaler: 3 to 20 pods; used of requests: cpu 12 %",
    ]


def tried(verdict: str, points: str) -> dict[str, Any]:
    """The Deployment of a canary after a trial."""
    found = deployment(2, "canary", 0, record=(verdict, "2 of 4 samples failed"))
    found["metadata"]["annotations"]["goservice/points"] = points
    return found


def test_the_last_trial_is_drawn_under_its_verdict(stack: Stack, run: Callable[..., Result]) -> None:
    stack.write("tracks", {"items": [deployment(1, "stable", 3), tried("rolled back", trials.BAD.to_json())]})
    assert run("status").output.splitlines()[-5:] == [
        "last verdict: v2 rolled back: 2 of 4 samples failed",
        "errors  canary ▁▁▃█  min 0.0 %, max 34.0 %, limit 1 %",
        "        stable ▁▁▁▁  min 0.0 %, max 0.1 %",
        "p99     canary ▁▁▃█  min 24 ms, max 1.25 s, limit 500 ms",
        "        stable ▁▁▁▁  min 21 ms, max 23 ms",
    ]


@pytest.mark.parametrize(
    ("verdict", "points"),
    [
        ("untried", trials.BAD.to_json()),  # they are those of the trial before
        ("rolled back", trials.trial().to_json()),
        ("rolled back", "{}"),
        ("rolled back", ""),
    ],
)
def test_without_samples_of_it_nothing_is_drawn(
    stack: Stack, run: Callable[..., Result], verdict: str, points: str
) -> None:
    stack.write("tracks", {"items": [deployment(1, "stable", 3), tried(verdict, points)]})
    output = run("status").output
    assert f"last verdict: v2 {verdict}: 2 of 4 samples failed\n" in output
    assert "canary ▁" not in output


@pytest.mark.parametrize(
    ("record", "said"),
    [(None, "none yet"), (("promoted", "came up"), "v1 promoted: came up")],
)
def test_without_a_canary_the_verdict_is_that_of_the_last_release(
    stack: Stack, run: Callable[..., Result], record: Any, said: str
) -> None:
    stack.write("tracks", {"items": [deployment(1, "stable", 2)]})
    stack.serve(1, replica_set(1, revision=1, record=record))
    code, output = run("status")
    assert code == 0
    rows = [" ".join(line.split()) for line in output.splitlines()]
    assert rows[2:] == [f"stable v1 0/2 0 % {'1' * 12}", f"last verdict: {said}"]


def test_an_autoscaler_that_has_measured_nothing_says_so(stack: Stack, run: Callable[..., Result]) -> None:
    stack.write("tracks", {"items": [deployment(1, "stable", 2, record=None)]})
    stack.serve(1, replica_set(1, revision=1))
    stack.write("autoscaler", AUTOSCALER | {"status": {}})
    assert "autoscaler: 3 to 20 pods; used of requests: not known yet\n" in run("status").output


def test_a_service_that_does_not_run_is_named(stack: Stack, run: Callable[..., Result]) -> None:
    stack.write("tracks", {"items": []})
    assert run("status") == (1, "error: shop does not run in namespace team; `pulumi up` brings it up\n")
