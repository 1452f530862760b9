"""Trials in a simulated cluster and in simulated time."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from components.analysis import Limits, Measurement, Sampler
from components.analysis.prometheus import PrometheusError
from components.cluster import ClusterError, Kubectl
from components.gate.plan import Plan
from components.gate.sample_line import describe
from components.gate.trial import FailedTrialError, Trial
from tests.support import simulated_cluster as simulated

LIMITS = Limits(
    min_requests=20,
    max_error_percent=1.0,
    max_error_increase_percent=0.5,
    max_p99_milliseconds=500,
    failure_limit=1,
    unmeasured_limit=3,
)
START_SECONDS = 4  # of pods in the simulated cluster
PLAN = Plan(steps=(10,), analysis=300, interval=30, warmup=30, start=60, limits=LIMITS)


class Clock:
    """Time that passes only when somebody sleeps, with things that happen meanwhile."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, Callable[[], None]]] = []

    def at(self, seconds: float, action: Callable[[], None]) -> None:
        self._due.append((seconds, action))

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        for due in [due for due in self._due if due[0] <= self.now]:
            self._due.remove(due)
            due[1]()


@dataclass(frozen=True, kw_only=True)
class Cluster(Kubectl):
    """kubectl of the simulated cluster."""

    namespace: str = "shop"
    clock: Clock
    state: simulated.State

    def run(self, *arguments: str, stdin: str = "") -> str:
        try:
            return simulated.kubectl(self.state, list(arguments), self.clock.now)
        except simulated.RefusedError as error:
            raise ClusterError(str(error)) from None


@dataclass
class World:
    """A trial, and all that it touches."""

    monkeypatch: pytest.MonkeyPatch
    clock: Clock = field(default_factory=Clock)
    state: simulated.State = field(default_factory=simulated.cluster)
    said: list[str] = field(default_factory=list[str])
    shares: list[float] = field(default_factory=list[float])

    def trial(self, plan: Plan = PLAN, cluster: Kubectl | None = None) -> Trial:
        self.monkeypatch.setattr("components.cluster.failure_report.answer", simulated.answer)

        def ask(query: str) -> list[tuple[dict[str, str], float]]:
            try:
                return simulated.prometheus(self.state, query, self.clock.now)
            except simulated.RefusedError as error:
                raise PrometheusError(str(error)) from None

        def sleep(seconds: float) -> None:
            self.clock.sleep(seconds)
            ready = {name: simulated.ready(self.state, name, self.clock.now) for name in self.names}
            self.shares.append(100 * ready["shop-canary"] / (ready["shop-canary"] + ready["shop"]))

        return Trial(
            service="shop",
            plan=plan,
            cluster=cluster or Cluster(clock=self.clock, state=self.state),
            sampler=Sampler(ask=ask, namespace="shop", seconds=plan.interval, queries={}),
            say=self.said.append,
            sleep=sleep,
            clock=lambda: self.clock.now,
        )

    names = ("shop", "shop-canary")

    def set(self, **values: Any) -> Callable[[], None]:
        """Makes the new version turn out another way."""
        return lambda: self.state["new"].update(values)

    def scale(self, name: str, replicas: int) -> Callable[[], None]:
        return lambda: simulated.scale(self.state, name, replicas, self.clock.now)

    def evict(self, deployment: str) -> None:
        """Throws one pod that is ready off its node."""
        pod = next(
            pod
            for pod in self.state["pods"].values()
            if pod["of"] == deployment and simulated.is_ready(self.state, pod, self.clock.now)
        )
        pod["evicted"] = True

    @property
    def canary_scaled(self) -> list[int]:
        return [replicas for name, replicas in self.state["scaled"] if name == "shop-canary"]

    @property
    def canary_wanted(self) -> int:
        return self.state["deployments"]["shop-canary"]["spec"]["replicas"]

    @property
    def outcomes(self) -> list[str]:
        """What was said of each sample."""
        words = [line.split() for line in self.said]
        return [w[1] for w in words if len(w) > 1 and w[1] in {"pass", "fail", "unmeasured"}]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def reason_of(trial: Trial) -> str:
    return str(failed(trial))


def failed(trial: Trial) -> FailedTrialError:
    with pytest.raises(FailedTrialError) as caught:
        trial.run()
    return caught.value


def test_a_good_version_passes(world: World) -> None:
    trial = world.trial()
    trial.run()
    assert trial.measured == 9
    assert world.outcomes == ["pass"] * 9
    assert world.canary_scaled == [1, 0]
    assert world.clock.now <= 300 + START_SECONDS + 2
    assert max(world.shares) == 10.0
    assert world.said[0] == (
        "waiting for the canary, 0 of 1 pods ready:"
        " readiness probe GET /health/ready on port 8080 has not succeeded yet"
    )
    assert world.said[1] == "canary is ready with 10 % of pods; warming up 30 s"
    assert world.said[2] == (
        "  1/9  pass        10 % of pods  canary 100 requests, 0.0 % errors, p99 20 ms"
        "  stable 900 requests, 0.0 % errors, p99 20 ms"
    )


def test_the_stable_track_is_not_touched(world: World) -> None:
    before = json.dumps(world.state["deployments"]["shop"])
    world.set(errors=5.0)()
    reason_of(world.trial())
    assert json.dumps(world.state["deployments"]["shop"]) == before
    assert [name for name, _ in world.state["scaled"]] == ["shop-canary", "shop-canary"]


@pytest.mark.parametrize("values", [{"errors": 5.0}, {"errors": 100.0}, {"p99": 2.0}, {"errors": 0.6}])
@pytest.mark.parametrize("since", [0, 100])
def test_a_bad_version_is_rolled_back_within_two_intervals(
    world: World, values: dict[str, Any], since: int
) -> None:
    world.clock.at(since, world.set(**values))
    reason = reason_of(world.trial())
    assert reason.startswith(f"2 of {len(world.outcomes)} samples failed: ")
    first = world.outcomes.index("fail")
    assert world.outcomes[first:] == ["fail", "fail"], "the second failing sample ends it"
    assert world.canary_wanted == 0
    assert world.clock.now <= since + 2 * PLAN.interval + PLAN.warmup + START_SECONDS + 2


def test_a_single_bad_sample_is_forgiven(world: World) -> None:
    world.clock.at(100, world.set(errors=5.0))
    world.clock.at(130, world.set(errors=0.0))
    world.trial().run()
    assert world.outcomes.count("fail") == 1
    assert len(world.outcomes) == 9


def test_a_crash_ends_it_at_once_with_the_last_words(world: World) -> None:
    world.set(crash_after=20)()
    error = failed(world.trial())
    assert str(error) == "did not stay up (0 of 1 pods ready): crashed: Error, exit code 2"
    assert error.lines == [
        "v2 did not stay up (0 of 1 pods ready)",
        "  1 pod: crashed: Error, exit code 2; last lines of shop-canary-10:",
        "    | panic: no such table",
    ]
    assert world.clock.now <= 24
    assert world.canary_scaled == [1, 0]


def test_a_crash_before_it_was_ready_is_told_as_that(world: World) -> None:
    world.set(crash_after=0)()
    assert reason_of(world.trial()) == "did not come up (0 of 1 pods ready): crashed: Error, exit code 2"
    assert world.clock.now <= 2


def test_of_a_version_that_fails_the_log_is_shown(world: World) -> None:
    world.set(errors=100.0)()
    error = failed(world.trial())
    assert error.lines == [
        str(error),
        "last lines of shop-canary-10:",
        "    | GET / 500",
        "    | GET / 500",
    ]


def test_a_version_that_is_never_ready_is_reason_of(world: World) -> None:
    world.set(never_ready=True)()
    error = failed(world.trial())
    why = 'readiness probe GET /health/ready on port 8080 answered 503: {"status":"not ready"}'
    assert str(error) == f"did not come up (0 of 1 pods ready after 60 s): {why}"
    assert error.lines == [
        "v2 did not come up (0 of 1 pods ready after 60 s)",
        f"  1 pod: {why}; last lines of shop-canary-10:",
        "    | GET / 500",
        "    | GET / 500",
    ]
    assert 60 < world.clock.now <= 62
    assert world.canary_wanted == 0
    assert sum("waiting for the canary" in line for line in world.said) == 1, "said once"


def test_pods_that_a_quota_refuses_are_told_in_the_clusters_words(world: World) -> None:
    refused = "pods is forbidden: exceeded quota: tight"
    condition = {"type": "ReplicaFailure", "status": "True", "message": refused}
    canary = world.state["deployments"]["shop-canary"]
    canary["status"] = {"conditions": [condition]}
    world.set(never_ready=True)()
    assert f"no pod can be made: {refused}" in reason_of(world.trial())


def test_an_eviction_is_no_crash(world: World) -> None:
    world.clock.at(100, lambda: world.evict("shop-canary"))
    trial = world.trial()
    trial.run()
    assert trial.measured == 9
    assert world.canary_scaled == [1, 0]


def test_an_eviction_of_a_stable_pod_is_none_of_its_business(world: World) -> None:
    world.clock.at(100, lambda: world.evict("shop"))
    world.trial().run()
    assert world.canary_scaled == [1, 0]


def test_without_traffic_it_is_inconclusive(world: World) -> None:
    world.set(requests=0.0)()
    assert reason_of(world.trial()) == (
        "inconclusive, 4 samples in a row could not be judged: no data on the canary's requests"
    )
    assert world.outcomes == ["unmeasured"] * 4
    assert world.canary_scaled == [1, 0]


def test_with_little_traffic_it_is_inconclusive(world: World) -> None:
    world.set(requests=7.0)()
    assert reason_of(world.trial()) == (
        "inconclusive, 4 samples in a row could not be judged: 7 requests, fewer than 20"
    )


@pytest.mark.parametrize("times", range(1, 6))
def test_prometheus_may_be_away_for_some_samples(world: World, times: int) -> None:
    """Samples are due at 64 s, 94 s and so on."""
    world.clock.at(90, lambda: world.state.update(prometheus_is_away=True))
    world.clock.at(90 + 30 * times, lambda: world.state.update(prometheus_is_away=False))
    trial = world.trial()
    if times <= LIMITS.unmeasured_limit:
        trial.run()
        assert world.outcomes == ["pass", *["unmeasured"] * times, *["pass"] * 8], "each is taken again"
    else:
        assert reason_of(trial) == (
            "inconclusive, 4 samples in a row could not be judged:"
            " Error from server (ServiceUnavailable): no endpoints available"
        )
    assert world.canary_wanted == 0


def test_steps_follow_each_other(world: World) -> None:
    world.trial(replace(PLAN, steps=(10, 25, 50))).run()
    assert world.canary_scaled == [1, 3, 9, 0]
    assert world.outcomes == ["pass"] * 9
    shares = [line.split()[2] for line in world.said if " pass " in line]
    assert shares == ["10"] * 3 + ["25"] * 3 + ["50"] * 3


def test_each_step_has_a_sample_however_short_the_trial(world: World) -> None:
    plan = replace(PLAN, steps=(10, 25, 50), analysis=60)
    assert plan.planned == 3
    world.trial(plan).run()
    assert world.canary_scaled == [1, 3, 9, 0]


def test_a_step_is_taken_only_after_samples_with_a_verdict(world: World) -> None:
    world.clock.at(90, lambda: world.state.update(prometheus_is_away=True))
    world.clock.at(150, lambda: world.state.update(prometheus_is_away=False))
    world.trial(replace(PLAN, steps=(10, 50))).run()
    steps = [line.split()[2] for line in world.said if "% of pods  canary" in line]
    assert steps == ["10"] * 7 + ["50"] * 4, "five with a verdict, two without"


def test_the_share_follows_the_stable_track(world: World) -> None:
    world.clock.at(80, world.scale("shop", 18))
    world.clock.at(200, world.scale("shop", 9))
    world.trial().run()
    assert world.canary_scaled == [1, 2, 1, 0]


def test_stable_pods_that_are_not_ready_yet_take_no_share(world: World) -> None:
    world.state["start_seconds"]["shop"] = 100
    world.clock.at(100, world.scale("shop", 18))
    world.trial(replace(PLAN, analysis=600)).run()
    assert world.canary_scaled == [1, 2, 0]
    assert max(world.shares) == 10.0, "two canary pods beside nine would be more"


def test_too_few_stable_pods_leave_no_room(world: World) -> None:
    world.scale("shop", 8)()
    world.state["scaled"].clear()
    assert "inconclusive" in reason_of(world.trial())
    assert world.canary_scaled == []
    assert max(world.shares) == 0


def test_answers_of_a_pod_that_was_replaced_count(world: World) -> None:
    asked: list[set[str]] = []
    sample = Sampler.sample

    def watched(sampler: Sampler, canary: Any, stable: Any) -> Any:
        asked.append(set(canary))
        return sample(sampler, canary, stable)

    def delete() -> None:
        world.state["pods"]["shop-canary-10"]["left"] = world.clock.now

    world.monkeypatch.setattr(Sampler, "sample", watched)
    world.clock.at(100, delete)
    world.trial().run()
    assert "shop-canary-10" not in world.state["pods"]
    assert asked[0] == {"shop-canary-10"}
    assert asked[-1] == {"shop-canary-10", "shop-canary-11"}


def test_pods_that_a_trial_left_behind_go_first(world: World) -> None:
    world.scale("shop-canary", 1)()
    world.trial().run()
    assert world.said[0] == "removing the pods of an earlier trial that was cut off"
    assert world.canary_scaled == [1, 0, 1, 0]
    assert world.state["pods"]["shop-canary-11"]["born"] >= simulated.GRACE_SECONDS, "the first had gone"


def test_another_trial_takes_over(world: World) -> None:
    cluster = Cluster(clock=world.clock, state=world.state)
    world.clock.at(100, lambda: cluster.annotate("deployment", "shop-canary", {"goservice/trial": "another"}))
    assert reason_of(world.trial()) == "another trial of this canary has begun and goes on"
    assert world.canary_scaled == [1], "the pods are those of the other one now"


def test_each_trial_is_another(world: World) -> None:
    world.trial().run()
    first = world.state["deployments"]["shop-canary"]["metadata"]["annotations"]["goservice/trial"]
    world.trial().run()
    assert first != world.state["deployments"]["shop-canary"]["metadata"]["annotations"]["goservice/trial"]


def test_a_canary_that_is_deleted_meanwhile(world: World) -> None:
    def delete() -> None:
        del world.state["deployments"]["shop-canary"]
        world.state["pods"] = {n: p for n, p in world.state["pods"].items() if p["of"] != "shop-canary"}

    world.clock.at(100, delete)
    assert reason_of(world.trial()) == "the canary's Deployment has been deleted"


class SomethingElseError(BaseException):
    """Neither an error of the cluster nor one of the trial."""


@pytest.mark.parametrize("after", [1, 3, 31, 64, 100, 299])
def test_whatever_is_raised_the_canary_has_no_pods_afterwards(world: World, after: float) -> None:
    def fail() -> None:
        raise SomethingElseError

    world.clock.at(after, fail)
    with pytest.raises(SomethingElseError):
        world.trial().run()
    assert world.canary_scaled[-1] == 0
    assert world.canary_wanted == 0


def test_what_the_cluster_says_is_passed_on_and_the_canary_has_no_pods(world: World) -> None:
    @dataclass(frozen=True, kw_only=True)
    class Forbidding(Cluster):
        def run(self, *arguments: str, stdin: str = "") -> str:
            if arguments[0] == "get" and 100 <= self.clock.now < 104:
                self.clock.sleep(4)
                raise ClusterError("Error from server (Forbidden)")
            return super().run(*arguments)

    with pytest.raises(ClusterError, match="Forbidden"):
        world.trial(cluster=Forbidding(clock=world.clock, state=world.state)).run()
    assert world.canary_wanted == 0


def test_weights_are_even_shares_of_the_verdicts() -> None:
    plan = replace(PLAN, steps=(10, 20, 30), analysis=330)
    assert plan.planned == 10
    assert [plan.weight(measured) for measured in range(12)] == [10] * 4 + [20] * 3 + [30] * 5


def test_a_track_in_a_few_words() -> None:
    assert describe(Measurement()) == "no data"
    assert describe(Measurement(requests=0.0, errors=0.0)) == "0 requests"
    assert describe(Measurement(requests=12.4, errors=1.24, p99_seconds=0.0123)) == (
        "12 requests, 10.0 % errors, p99 12 ms"
    )
