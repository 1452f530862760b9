"""The report on a failed release: what is asked of the cluster for it, and what it says in how many lines."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from components.cluster import ClusterError, Kubectl, kubectl
from components.cluster.pods.failed_pods import Reason
from components.cluster.pods.failure_report import collect_reasons, in_a_line, log_report, report
from tests.support.pods import BACK_OFF, PANIC, READINESS, RUNNING, event, pod, status, waiting

DEPLOYMENT: dict[str, Any] = {"metadata": {"name": "shop"}}
UNHEALTHY = "Readiness probe failed: HTTP probe failed with statuscode: 503"
ANSWER = (503, '\n {"status":"not ready"}\nmore\n')


@dataclass(frozen=True, kw_only=True)
class Cluster(Kubectl):
    """Has logs by pod, `POD --previous` for the one before, and events; anything else is refused."""

    namespace: str = "team"
    logs: Mapping[str, str] = field(default_factory=dict[str, str])
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    commands: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    def run(self, *arguments: str, stdin: str = "") -> str:
        assert self.patience == 0, "something more urgent waits"
        self.commands.append(arguments)
        if arguments[:2] == ("get", "events") and self.events:
            return json.dumps({"items": self.events})
        name = " ".join([arguments[1], *(word for word in arguments if word == "--previous")])
        if arguments[0] == "logs" and name in self.logs:
            return self.logs[name]
        raise ClusterError("Error from server")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, int, str]]:
    """What pods were asked; they answer 503."""
    made: list[tuple[str, str, int, str]] = []

    def answer(*arguments: Any) -> tuple[int, str]:
        made.append(arguments)
        return ANSWER

    monkeypatch.setattr("components.cluster.pods.failure_report.answer", answer)
    return made


def told(cluster: Kubectl, *pods: dict[str, Any]) -> list[str]:
    return report("shop: v2 did not come up", collect_reasons(cluster, DEPLOYMENT, pods))[1:]


def test_a_crash_with_the_log_of_the_container_that_crashed(asked: list[Any]) -> None:
    cluster = Cluster(logs={"shop-1": "starting\n", "shop-1 --previous": "starting\n\nerror: no PORT\n"})
    crashing = [pod(status(BACK_OFF, PANIC, restartCount=3), name=name) for name in ("shop-1", "shop-2")]
    assert told(cluster, *crashing) == [
        "  2 pods: crashed: Error, exit code 2, restarted up to 3 times; last lines of shop-1:",
        "    | starting",
        "    | error: no PORT",
    ]
    assert cluster.commands == [
        ("get", "events", "--field-selector=involvedObject.kind=Pod", "--output", "json"),
        ("logs", "shop-1", "--tail=50", "--container=shop", "--previous"),
    ]
    assert asked == []


def test_a_crash_whose_log_is_gone_has_that_of_the_container_there_is(asked: list[Any]) -> None:
    crashing = pod(status(BACK_OFF, PANIC, restartCount=2))
    assert told(Cluster(logs={"shop-1": "starting\n"}), crashing) == [
        "  1 pod: crashed: Error, exit code 2, restarted 2 times; last lines of shop-1:",
        "    | starting",
    ]
    assert told(Cluster(), crashing) == ["  1 pod: crashed: Error, exit code 2, restarted 2 times"]


def test_a_probe_with_what_it_got(asked: list[Any]) -> None:
    meant = kubectl.Cluster(context="staging")
    cluster = Cluster(cluster=meant, logs={"shop-1": "readiness: not ready\n"}, events=[event(UNHEALTHY)])
    assert told(cluster, pod(RUNNING)) == [
        f'  1 pod: {READINESS} answered 503: {{"status":"not ready"}}; last lines of shop-1:',
        "    | readiness: not ready",
    ]
    ((where, *asked_for),) = asked
    assert (where.cluster, where.namespace) == (meant, "team")
    assert asked_for == ["shop-1", 8080, "/health/ready"]


def test_a_probe_whose_event_is_gone_is_asked_for_again(asked: list[Any]) -> None:
    (line,) = told(Cluster(), pod(RUNNING))
    assert line == f'  1 pod: {READINESS} answered 503: {{"status":"not ready"}}'


@pytest.mark.parametrize("now", [(200, "ready"), (500, "another"), None])
def test_what_the_pod_answers_differently_by_now_is_left_out(
    monkeypatch: pytest.MonkeyPatch, now: tuple[int, str] | None
) -> None:
    monkeypatch.setattr("components.cluster.pods.failure_report.answer", lambda *_: now)
    assert told(Cluster(events=[event(UNHEALTHY)]), pod(RUNNING)) == [f"  1 pod: {READINESS} answered 503"]


def test_a_probe_without_an_answer_is_not_sent_again(asked: list[Any]) -> None:
    refused = 'Readiness probe failed: Get "http://10.0.0.7:8080/": dial tcp 10.0.0.7:8080: connect: '
    cluster = Cluster(events=[event(f"{refused}connection refused")])
    assert told(cluster, pod(RUNNING)) == [f"  1 pod: {READINESS} failed: connection refused"]
    assert asked == []


def test_a_container_that_its_probe_had_killed_and_what_the_probe_got(asked: list[Any]) -> None:
    killed = status({"running": {}}, PANIC, restartCount=1)
    cluster = Cluster(
        events=[
            event("Liveness probe failed: HTTP probe failed with statuscode: 503"),
            event("Container shop failed liveness probe, will be restarted", kind="Normal"),
        ]
    )
    (line,) = told(cluster, pod(killed))
    assert line.startswith(
        "  1 pod: killed by the kubelet: liveness probe GET /health/live on port 8080 answered 503: {"
    )


def test_of_what_has_not_started_no_log_is_asked_for(asked: list[Any]) -> None:
    cluster = Cluster()
    told(cluster, pod(waiting("ErrImagePull", "not found")))
    assert [command[0] for command in cluster.commands] == ["get"]


def long(number: int) -> Reason:
    """A reason with more log than there is room for."""
    log = tuple(f"line {line}" for line in range(50))
    return Reason(text=f"reason {number}", pods=(f"shop-{number}",), container="shop", log=log)


@pytest.mark.parametrize("count", range(8))
def test_it_is_never_more_than_fourteen_lines(count: int) -> None:
    lines = report("shop: v2 did not come up", [long(number) for number in range(count)])
    assert len(lines) <= 14
    assert lines[0] == "shop: v2 did not come up"
    for number in range(min(count, 4)):
        assert any(line.startswith(f"  1 pod: reason {number}") for line in lines)
    assert (lines[-1] == f"  and {count - 4} more") == (count > 4)


def test_one_reason_has_all_the_room_and_several_share_it() -> None:
    assert report("", [long(0)])[2:] == [f"    | line {number}" for number in range(38, 50)]
    two = report("", [long(0), long(1)])
    assert two[2:7] == two[8:13] == [f"    | line {number}" for number in range(45, 50)]


def test_reasons_that_are_not_shown_are_not_looked_into(asked: list[Any]) -> None:
    pods = [
        pod(status({"terminated": {"reason": "Error", "exitCode": code}}), name=f"shop-{code}")
        for code in range(1, 8)
    ]
    cluster = Cluster()
    assert len(collect_reasons(cluster, DEPLOYMENT, pods)) == 7
    assert len(cluster.commands) == 1 + 4


def test_of_a_panic_the_beginning_is_shown() -> None:
    trace = [f"\truntime/proc.go:{number}" for number in range(40)]
    log = ("started", "panic: no such table", "goroutine 1 [running]:", *trace)
    lines = report("", [Reason(text="crashed", pods=("shop-1",), log=log)])
    assert lines[2:4] == ["    | panic: no such table", "    | goroutine 1 [running]:"]
    assert lines[4] == "    |  runtime/proc.go:0"


def test_a_line_does_nothing_to_a_terminal_and_is_cut() -> None:
    log = ("\x1b[31mred\x07", "x" * 1000)
    lines = report("", [Reason(text="two\nlines", pods=("shop-1",), log=log)])
    assert lines[1:3] == ["  1 pod: two lines; last lines of shop-1:", "    |  [31mred "]
    assert len(lines[3]) == 400
    assert lines[3].endswith("x…")


def test_in_a_line_for_the_record() -> None:
    assert (
        in_a_line([Reason(text="a", restarts=2), Reason(text="b", log=("no",))]) == "a, restarted 2 times; b"
    )
    assert len(in_a_line([long(number) for number in range(50)])) == 200


def test_a_log_alone() -> None:
    cluster = Cluster(logs={"shop-1": "".join(f"{number}\n" for number in range(9))})
    assert log_report(cluster, "shop-1") == ["last lines of shop-1:", *(f"    | {n}" for n in range(4, 9))]
    assert log_report(cluster, "shop-2") == []
