"""What a trial needs is checked before any pod starts."""

from typing import Any

import pytest

from components.analysis import Finding
from components.cluster import ClusterError, Kubectl
from components.gate.trial.errors import NotStartedError
from tests.gate.simulated_gate import Gate
from tests.gate.simulated_trial import PLAN, World

FINE = Finding(check="Prometheus answers")
NO_SERIES = Finding(check="requests are counted", problem="no series", transient=True)
NO_LABEL = Finding(
    check="statuses are known",
    problem="http_requests_total has series without the label status",
    remedy="set canary.metrics.statusLabel code",
)


def not_started(world: World) -> NotStartedError:
    with pytest.raises(NotStartedError) as caught:
        world.trial().run()
    assert world.canary_scaled == [], "no pod was started"
    return caught.value


def test_a_problem_that_stays_ends_it_at_once(world: World) -> None:
    world.findings = [FINE, NO_SERIES, NO_LABEL]
    error = not_started(world)
    assert world.clock.now == 0
    assert error.lines == ["no series", f"{NO_LABEL.problem}; {NO_LABEL.remedy}"]
    assert str(error) == f"no series; {NO_LABEL.problem}"


def test_a_problem_that_may_pass_is_waited_for_up_to_an_interval(world: World) -> None:
    world.findings = [FINE, NO_SERIES]
    not_started(world)
    assert PLAN.interval <= world.clock.now <= PLAN.interval + 2
    assert world.said == ["the trial waits: no series"], "said once"


def test_a_problem_that_has_passed_is_none(world: World) -> None:
    world.findings = [NO_SERIES]
    world.clock.at(10, world.findings.clear)
    world.trial().run()
    assert world.canary_scaled == [1, 0]


def test_the_gate_says_that_it_did_not_start(here: Gate) -> None:
    here.findings = [NO_LABEL]
    code, record, said = here.run()
    assert (code, record) == (1, None)
    assert said == [
        f"NOT STARTED: {NO_LABEL.problem}; {NO_LABEL.remedy}",
        "the canary stays at 0, and the stable track still serves v1",
    ]
    assert (here.note["verdict"], here.note["reason"]) == ("not started", NO_LABEL.problem)
    assert here.state["scaled"] == []


def test_the_gate_checks_the_stable_pods_by_the_settings_of_the_trial(here: Gate) -> None:
    here.run()
    (asked,) = here.asked
    assert asked["pods"] == {f"shop-{number}" for number in range(1, 10)}
    assert (asked["interval"], asked["limit_milliseconds"]) == (30, 500)
    assert asked["metrics"].requests == "http_requests_total"


def away_from(here: Gate, monkeypatch: pytest.MonkeyPatch, second: float) -> None:
    """The API server is away from then on, and nobody waits for it."""

    def once(_cluster: Kubectl, *arguments: str, stdin: str) -> str:
        if here.now > second:
            raise ClusterError("Error: the server has gone")
        return here.kubectl(*arguments)

    monkeypatch.setattr(Kubectl, "_once", once)


LEFT = (
    "canary pods may still serve up to 10 % of the requests; once the API server answers, clear them with"
    " `kubectl --context staging --namespace shop scale deployment/shop-canary --replicas=0`"
)


def test_pods_that_are_left_when_the_api_server_has_gone_are_named(
    here: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    away_from(here, monkeypatch, 100)
    code, record, said = here.run()
    assert (code, record) == (1, None)
    assert said[-2:] == ["error: Error: the server has gone", LEFT]


def test_before_any_pod_there_is_nothing_left(here: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    away_from(here, monkeypatch, -1)
    assert here.run() == (1, None, ["error: Error: the server has gone"])


def test_a_failure_is_said_also_if_the_canary_cannot_be_scaled_down(
    here: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.state["new"]["errors"] = 100.0

    def once(_cluster: Kubectl, *arguments: Any, stdin: str) -> str:
        if arguments[-1] == '{"spec": {"replicas": 0}}':
            raise ClusterError("Error: the server has gone")
        return here.kubectl(*arguments)

    monkeypatch.setattr(Kubectl, "_once", once)
    code, _, said = here.run()
    assert code == 1
    assert said[-3] == "error: Error: the server has gone"
    assert said[-2].startswith("the trial had failed before: 2 of 2 samples failed: ")
    assert said[-1] == LEFT


def test_pods_that_may_have_been_made_by_a_call_without_an_answer_are_named(
    here: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[str] = []

    def once(_cluster: Kubectl, *arguments: Any, stdin: str) -> str:
        if gone or arguments[-1] == '{"spec": {"replicas": 1}}':
            gone.append("since then")
            raise ClusterError("Error: the server has gone")
        return here.kubectl(*arguments)

    monkeypatch.setattr(Kubectl, "_once", once)
    code, _, said = here.run()
    assert code == 1
    assert said == ["error: Error: the server has gone", LEFT]
