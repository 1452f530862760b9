"""A trial, and all that it touches, in a simulated cluster and in simulated time."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from components.analysis import Finding, MetricNames, PrometheusError, Sampler
from components.cluster import ClusterError, Kubectl, NotFoundError
from components.gate.plan import Plan
from components.gate.trial.errors import FailedTrialError
from components.gate.trial.means import Means
from components.gate.trial.trial import Trial
from tests.support import simulated_cluster as simulated
from tests.support.limits import LIMITS

START_SECONDS = 4  # of pods in the simulated cluster

PLAN = Plan(steps=(10,), analysis=300, interval=30, warmup=30, start=60, eviction_limit=2, limits=LIMITS)
METRICS = MetricNames(
    requests="http_requests_total", latency="http_request_duration_seconds", status="status", paths=("route",)
)


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
            kind = NotFoundError if "(NotFound)" in str(error) else ClusterError
            raise kind(str(error)) from None


@dataclass
class World:
    """A trial, and all that it touches."""

    monkeypatch: pytest.MonkeyPatch
    clock: Clock = field(default_factory=Clock)
    state: simulated.State = field(default_factory=simulated.cluster)
    said: list[str] = field(default_factory=list[str])
    shares: list[float] = field(default_factory=list[float])
    findings: list[Finding] = field(default_factory=list[Finding])

    def trial(self, plan: Plan = PLAN, cluster: Kubectl | None = None) -> Trial:
        self.monkeypatch.setattr("components.cluster.pods.failure_report.answer", simulated.answer)

        def ask(query: str) -> list[tuple[dict[str, str], float]]:
            try:
                return simulated.prometheus(self.state, query, self.clock.now)
            except simulated.RefusedError as error:
                raise PrometheusError(str(error)) from None

        def sleep(seconds: float) -> None:
            simulated.count(self.state, self.clock.now)
            self.clock.sleep(seconds)
            ready = {name: simulated.ready(self.state, name, self.clock.now) for name in self.names}
            self.shares.append(100 * ready["shop-canary"] / (ready["shop-canary"] + ready["shop"]))

        def check(_stable: Collection[str]) -> list[Finding]:
            return self.findings

        sampler = Sampler(
            ask=ask,
            metrics=METRICS,
            namespace="shop",
            seconds=plan.interval,
            queries={},
            limit_milliseconds=plan.limits.max_p99_milliseconds,
        )
        means = Means(
            service="shop",
            plan=plan,
            cluster=cluster or Cluster(clock=self.clock, state=self.state),
            sampler=sampler,
            check=check,
            say=self.said.append,
            sleep=sleep,
            clock=lambda: self.clock.now,
            wall=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        )
        return Trial(means)

    names = ("shop", "shop-canary")

    def set(self, **values: Any) -> Callable[[], None]:
        """Makes the new version turn out another way."""

        def change() -> None:
            simulated.count(self.state, self.clock.now)
            self.state["new"].update(values)

        return change

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


def reason_of(trial: Trial) -> str:
    return str(failed(trial))


def failed(trial: Trial) -> FailedTrialError:
    with pytest.raises(FailedTrialError) as caught:
        trial.run()
    return caught.value
