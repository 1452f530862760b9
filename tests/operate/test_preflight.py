"""`preflight` tells before a release whether a trial could be measured."""

import json
from collections.abc import Callable, Iterator

import pytest

from tests.support.http_server import Answer, Asked, served
from tests.support.preflight_prometheus import PreflightPrometheus

from .conftest import Result, Stack

POD = "shop-6d4c-a"
LABELS = {"namespace": "team", "pod": POD, "job": "pods", "instance": f"{POD}:8080", "route": "/"}
GOOD = [
    {"__name__": "http_requests_total", "status": "200"},
    *({"__name__": "http_request_duration_seconds_bucket", "le": le} for le in ("0.25", "0.5", "+Inf")),
]
STABLE = [
    {
        "kind": "Deployment",
        "metadata": {"name": "shop"},
        "spec": {"replicas": 1},
    },
    {
        "kind": "Pod",
        "metadata": {"name": POD, "labels": {"track": "stable"}},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    },
]


@pytest.fixture
def prometheus() -> PreflightPrometheus:
    return PreflightPrometheus()


@pytest.fixture
def asked(stack: Stack, prometheus: PreflightPrometheus) -> Iterator[list[Asked]]:
    """Requests to the Prometheus of the stack's canary."""

    def respond(asked: Asked) -> Answer:
        found = prometheus.ask(asked.form["query"][0])
        result = [{"metric": labels, "value": [0, str(value)]} for labels, value in found]
        body = {"status": "success", "data": {"resultType": "vector", "result": result}}
        return 200, {}, json.dumps(body).encode()

    with served(respond) as (url, got):
        canary = {"prometheus": url, "steps": [25], "prometheusToken": "s3cr3t-7431"}
        stack.configure(rollout={"strategy": "canary"}, canary=canary)
        shown = json.loads((stack.folder / "shown.json").read_text())
        shown["goservice:canary"]["secret"] = True
        stack.write("shown", shown)
        stored = {"goservice:canary": canary | {"prometheusToken": {"secure": "AAAB"}}}
        (stack.folder / "Pulumi.dev.yaml").write_text(json.dumps({"config": stored}))
        stack.write("tracks", {"items": STABLE})
        yield got


def scrape(prometheus: PreflightPrometheus, series: list[dict[str, str]]) -> None:
    for n in range(20):
        prometheus.now = 1000.0 + 15 * n
        prometheus.scrape({frozenset((LABELS | labels).items()): 1.0 for labels in series})


def rows(output: str) -> list[list[str]]:
    """Cells of the table, by line."""
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in output.splitlines()]


def test_a_service_that_can_be_measured(
    prometheus: PreflightPrometheus, asked: list[Asked], run: Callable[..., Result]
) -> None:
    scrape(prometheus, GOOD)
    code, output = run("preflight", "--stack", "dev")
    assert rows(output) == [
        ["check", "result", "remedy"],
        ["Prometheus answers", "ok"],
        ["requests are counted", "ok"],
        ["statuses are known", "ok"],
        ["each pod is read once", "ok"],
        ["probes and scrapes are left out", "ok"],
        ["two scrapes in an interval", "ok"],
        ["latency can be judged", "ok"],
    ]
    assert code == 0
    assert {one.headers["Authorization"] for one in asked} == {"Bearer s3cr3t-7431"}


@pytest.mark.usefixtures("asked")
def test_a_problem_has_its_remedy_and_the_exit_code(
    prometheus: PreflightPrometheus, run: Callable[..., Result]
) -> None:
    scrape(prometheus, [{"__name__": "http_requests_total", "code": "200"}, *GOOD[1:]])
    code, output = run("preflight")
    assert code == 1
    assert ["statuses are known", "ok"] not in rows(output)
    assert "set canary.metrics.statusLabel code" in output
    assert output.endswith("error: 1 check failed, so a trial would end before its first pod starts\n")


@pytest.mark.usefixtures("asked")
def test_before_the_first_release_there_is_no_baseline(stack: Stack, run: Callable[..., Result]) -> None:
    stack.write("tracks", {"items": []})
    code, output = run("preflight")
    assert code == 0
    assert rows(output)[1:] == [
        ["Prometheus answers", "ok"],
        ["requests are counted", "there is no pod of the stable track yet, and so no baseline"],
    ]


def test_a_rolling_release_has_nothing_to_check(run: Callable[..., Result]) -> None:
    assert run("preflight") == (
        0,
        "there is nothing to check: the strategy is rolling, which tries nothing\n",
    )
