"""The gate in this process: what becomes of a trial, and what is recorded."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from components import Canary, Probes, Rollout
from components.cluster import (
    Cluster,
    ClusterError,
    Kubectl,
)
from components.gate import interruption
from components.gate.request import parse_request
from components.kubernetes import Metrics
from components.strategies.canary.track import trial_request
from components.strategies.workload import Workload
from tests.gate.simulated_gate import RELEASE, REQUEST, Gate


def measured(requests: float, **other: Any) -> dict[str, Any]:
    """A measurement in the record: all answers within 25 ms."""
    timed = {"timed": requests, "slow": 0.0, "slow_at_most": 0.0, "p99_seconds": pytest.approx(0.0248)}
    return {"requests": requests, "errors": 0.0, **timed, **other}


def test_a_good_version_may_pass_with_its_record(here: Gate) -> None:
    code, record, said = here.run()
    assert code == 0
    assert record is not None
    samples = record.pop("samples")
    assert record == {
        "verdict": "promoted",
        "reason": "passed 9 samples",
        "release": RELEASE,
        "seconds": record["seconds"],
    }
    assert here.note == record, "the note is small: without samples"
    assert len(samples) == 9
    assert samples[0] == {
        "canary": measured(100.0),
        "stable": measured(900.0),
        "checks": [],
        "buckets": None,
        "error": "",
        "outcome": "pass",
        "reasons": [],
        "note": "",
        "undecided": False,
    }
    assert said[-1] == "passed 9 samples; the stable track follows"


def test_a_bad_version_is_rolled_back_without_an_output(here: Gate) -> None:
    here.state["new"]["errors"] = 100.0
    code, record, said = here.run()
    reason = "2 of 2 samples failed: 100.0 % errors, above 1 %"
    assert (code, record) == (1, None)
    assert said[-5:] == [
        f"ROLLED BACK: {reason}",
        "last lines of shop-canary-10:",
        "    | GET / 500",
        "    | GET / 500",
        "the canary is scaled to 0, and the stable track still serves v1",
    ]
    assert (here.note["verdict"], here.note["reason"]) == ("rolled back", reason)
    assert here.note["release"] == RELEASE
    assert here.state["scaled"] == [["shop-canary", 1], ["shop-canary", 0]]


def test_a_version_that_does_not_come_up_is_told_with_its_reason(here: Gate) -> None:
    here.state["new"]["never_ready"] = True
    code, record, said = here.run()
    why = 'readiness probe GET /health/ready on port 8080 answered 503: {"status":"not ready"}'
    assert (code, record) == (1, None)
    assert said[-5:] == [
        "ROLLED BACK: v2 did not come up (0 of 1 pods ready after 60 s)",
        f"  1 pod: {why}; last lines of shop-canary-10:",
        "    | GET / 500",
        "    | GET / 500",
        "the canary is scaled to 0, and the stable track still serves v1",
    ]
    assert here.note["verdict"] == "rolled back"
    assert here.note["reason"] == f"did not come up (0 of 1 pods ready after 60 s): {why}"


@pytest.mark.parametrize("number", ["NaN", "+Inf"])
def test_what_is_no_number_is_no_number_in_the_record_either(here: Gate, number: str) -> None:
    def at_first() -> None:
        here.state["new"]["seconds"] = number if here.now < 80 else 0.02

    here.meanwhile = at_first
    code, record, _ = here.run()
    assert code == 0
    assert record is not None
    first, *rest = record["samples"]
    assert first["canary"] == measured(100.0, timed=None, slow=None, slow_at_most=None, p99_seconds=None)
    assert first["reasons"] == ["no data on the canary's latency"]
    assert [sample["outcome"] for sample in rest] == ["pass"] * 9


def test_interrupted_it_is_ended_and_recorded(here: Gate) -> None:
    def interrupt() -> None:
        if here.now > 40:
            interruption.interrupt("SIGTERM")

    here.meanwhile = interrupt
    code, record, said = here.run()
    assert (code, record) == (130, None)
    assert said[-1] == (
        "INTERRUPTED: SIGTERM; the canary is scaled to 0, and the stable track still serves v1"
    )
    assert (here.note["verdict"], here.note["reason"]) == ("interrupted", "SIGTERM")
    assert here.state["scaled"][-1] == ["shop-canary", 0]


def test_interrupted_while_rolling_back_it_is_rolled_back_all_the_same(
    here: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.state["new"]["errors"] = 100.0
    interrupts = ["SIGINT"]

    def once(_cluster: Kubectl, *arguments: str, stdin: str) -> str:
        if arguments[-1] == '{"spec": {"replicas": 0}}' and interrupts:
            interruption.interrupt(interrupts.pop())
        return here.kubectl(*arguments)

    monkeypatch.setattr(Kubectl, "_once", once)
    code, _, _ = here.run()
    assert code == 130
    assert here.state["scaled"] == [["shop-canary", 1], ["shop-canary", 0]]


def test_an_api_server_that_is_away_for_a_while_is_waited_for(
    here: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = [ClusterError("The connection to the server was refused")] * 5

    def once(_cluster: Kubectl, *arguments: str, stdin: str) -> str:
        if here.now > 100 and refusals:
            raise refusals.pop()
        return here.kubectl(*arguments)

    monkeypatch.setattr(Kubectl, "_once", once)
    code, _, said = here.run()
    assert code == 0
    line = "the API server does not answer, trying again: The connection to the server was refused"
    assert said.count(line) == 1


def test_what_the_cluster_refuses_is_said(here: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    def once(_cluster: Kubectl, *_arguments: str, stdin: str) -> str:
        raise ClusterError("Error from server (Forbidden)")

    monkeypatch.setattr(Kubectl, "_once", once)
    assert here.run() == (1, None, ["error: Error from server (Forbidden)"])


def test_in_another_cluster_nothing_is_touched(here: Gate) -> None:
    before = json.dumps(here.state)
    code, record, said = here.run(uid="another")
    assert (code, record) == (1, None)
    assert said == [
        "error: kubectl reaches another cluster than Pulumi: Deployment shop-canary has uid shop-canary-uid"
        " there, not another; have KUBECONFIG, cluster.context or kubernetes:context name Pulumi's, or run "
        "`pulumi refresh` if the cluster was made anew"
    ]
    assert json.dumps(here.state) == before


def test_in_a_cluster_without_the_canary_nothing_is_touched(here: Gate) -> None:
    del here.state["deployments"]["shop-canary"]
    before = json.dumps(here.state)
    code, _, (line,) = here.run()
    assert code == 1
    assert "Deployment shop-canary has uid none there, not shop-canary-uid" in line
    assert json.dumps(here.state) == before


def test_the_component_asks_for_what_the_gate_reads() -> None:
    """The two ends of the pipe agree."""
    request = parse_request(json.dumps(REQUEST))
    assert json.loads(request.to_json()) == REQUEST
    pod = SimpleNamespace(probes=Probes(), metrics=Metrics(), port=8080)
    given = cast(Workload, SimpleNamespace(service="shop", pod=pod, rollout=Rollout(timeout_seconds=60)))
    cluster = Kubectl(namespace="shop", cluster=Cluster(context="staging"))
    canary = Canary(prometheus="monitoring/prometheus:9090")
    asked = trial_request(canary, given, cluster, "shop-canary-uid")
    assert asked == replace(request, metrics=asked.metrics)
    assert parse_request(asked.to_json()) == asked
    assert asked.plan.planned == 9
