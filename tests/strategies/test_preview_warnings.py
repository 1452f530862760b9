"""What a preview says of a canary that could not be measured, and when it says nothing."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components import Canary, GoService, GoServiceArgs, Release
from components.analysis import Ask, PrometheusAccess, PrometheusError
from components.cluster import Cluster, ClusterError, Track, Tracks
from components.strategies.canary import preflight
from tests.support.recording import DIGEST, record

POD = {
    "metadata": {"name": "shop-6d4c-a"},
    "status": {"conditions": [{"type": "Ready", "status": "True"}]},
}
RUNS = Tracks(stable=Track(deployment={}, pods=[POD]), canary=None)
TWO = [({"pod": "a"}, 1.0), ({"pod": "b"}, 2.0)]


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Warnings of a program."""
    found: list[str] = []

    def warn(text: str, resource: pulumi.Resource | None = None, *_: Any, **__: Any) -> None:
        assert resource is not None
        found.append(text)

    monkeypatch.setattr(pulumi.log, "warn", warn)
    return found


def answer(query: str) -> list[tuple[dict[str, str], float]]:
    """A Prometheus that knows no pod."""
    return TWO if query == "lag" else [({}, 1.0)] if query == "vector(1)" else []


class Reached:
    """Stands in for `reached_by`, and remembers what for."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.access: list[PrometheusAccess] = []
        self.seconds: list[float] = []

    def __call__(self, access: PrometheusAccess, _cluster: Cluster, *, seconds: float) -> Ask:
        self.access.append(access)
        self.seconds.append(seconds)
        return self.ask


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> Callable[[Ask], Reached]:
    def reached(ask: Ask) -> Reached:
        made = Reached(ask)
        monkeypatch.setattr(preflight, "reached_by", made)
        return made

    return reached


def run(*, preview: bool = True, tracks: Tracks = RUNS, **settings: Any) -> None:
    canary = Canary(prometheus="http://localhost:9090", queries={"lag": "lag <= 5"}, steps=(25,), **settings)
    args = GoServiceArgs(
        release=Release(image=f"ghcr.io/acme/shop@{DIGEST}"), name="shop", namespace="team", strategy=canary
    )
    record(lambda: GoService("shop", args), preview=preview, tracks=tracks)


def test_each_problem_is_a_warning(warned: list[str], reached: Callable[[Ask], Reached]) -> None:
    made = reached(answer)
    run(prometheus_token="s3cr3t-7431")
    said = "a trial could not be measured:"
    assert warned == [
        f'{said} no series http_requests_total with namespace="team",pod=~"shop-6d4c-[a-z0-9]+", nor any'
        " other metric; check that Prometheus reads the pods' metrics, and calls pod and namespace so; else"
        " set canary.metrics.podLabel and canary.metrics.namespaceLabel",
        f"{said} canary.queries.lag has 2 values, and has to have one; put sum(…) or max(…) around it",
    ]
    (access,) = made.access
    assert access.headers == {"Authorization": "Bearer s3cr3t-7431"}
    assert made.seconds == [1.0]


def test_a_prometheus_that_does_not_answer_fails_no_preview(
    warned: list[str], reached: Callable[[Ask], Reached]
) -> None:
    def ask(_query: str) -> list[tuple[dict[str, str], float]]:
        raise PrometheusError("no answer")

    reached(ask)
    run()
    assert warned == ["a trial could not be measured: no answer"]


@pytest.mark.parametrize(
    "case",
    [
        {"preview": False},
        {"tracks": Tracks(stable=None, canary=None)},
        {"tracks": Tracks(stable=Track(deployment={}, pods=[]), canary=None)},
        {"skip": True},
    ],
    ids=["an update", "the first release", "no pod that is ready", "a trial that is skipped"],
)
def test_prometheus_is_not_asked(
    case: dict[str, Any], warned: list[str], reached: Callable[[Ask], Reached]
) -> None:
    made = reached(answer)
    run(**case)
    assert (made.access, warned) == ([], [])


def test_a_preview_does_not_wait(
    monkeypatch: pytest.MonkeyPatch, warned: list[str], reached: Callable[[Ask], Reached]
) -> None:
    asked: list[str] = []
    times = iter([0.0, 0.5, 1.5])

    def slow(query: str) -> list[tuple[dict[str, str], float]]:
        asked.append(query)
        return answer(query)

    reached(slow)
    monkeypatch.setattr(preflight, "monotonic", lambda: next(times))
    run()
    assert (asked, warned) == (["vector(1)"], [])


def test_a_cluster_that_does_not_answer_fails_no_preview(
    monkeypatch: pytest.MonkeyPatch, warned: list[str]
) -> None:
    class Away:
        @property
        def stable(self) -> Track:
            raise ClusterError("refused")

    run(tracks=Away())  # type: ignore[arg-type]
    assert warned == []
