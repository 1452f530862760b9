"""Both tracks of a trial with a Prometheus that scrapes them, and samples of that, in simulated time."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from components.analysis.counting.sampler import Sampler
from components.analysis.metrics import MetricNames
from components.analysis.samples import Measurement, Sample
from tests.support.fake_pod import FakePod
from tests.support.fake_prometheus import FakePrometheus

INTERVAL, SCRAPE = 30, 10
METRICS = MetricNames(
    requests="http_requests_total",
    latency="http_request_duration_seconds",
    status="status",
    paths=("route", "path", "endpoint", "url", "uri", "handler"),
)


def counts(sample: Measurement) -> tuple[float | None, float | None]:
    """Requests and errors."""
    return sample.requests, sample.errors


def begun() -> "SampledTrial":
    """A trial of pods that have answered something before it."""
    trial = SampledTrial()
    trial.traffic(1000)
    trial.begin()
    return trial


class SampledTrial:
    """A trial with some pods on each track, begun after a first scrape."""

    def __init__(
        self,
        *,
        canary: int = 1,
        stable: int = 2,
        queries: Mapping[str, str] | None = None,
        limit: int = 500,
        pod: Mapping[str, Any] | None = None,
        **metrics: Any,
    ) -> None:
        """pod: how the pods count. metrics: what is special about their names."""
        self.prometheus, self.pod = FakePrometheus(), dict(pod or {})
        self.canary = [self.new(f"shop-canary-5c6d-{i}") for i in range(canary)]
        self.stable = [self.new(f"shop-7d9f8b-{i}") for i in range(stable)]
        self.expected: dict[str, float] = {}
        self.sampler = Sampler(
            ask=self.prometheus.ask,
            metrics=replace(METRICS, **metrics),
            namespace="shop",
            seconds=INTERVAL,
            queries=queries or {},
            limit_milliseconds=limit,
        )

    def new(self, name: str) -> FakePod:
        return FakePod(name, self.prometheus, **self.pod)

    @property
    def pods(self) -> list[FakePod]:
        return [*self.canary, *self.stable]

    def traffic(self, count: int = 100) -> None:
        """Good answers of every pod."""
        for pod in self.pods:
            pod.answer(count)

    def scrape(self) -> None:
        for pod in self.pods:
            pod.scrape()

    def begin(self) -> None:
        """Scrapes everything, and counts from there."""
        self.scrape()
        self.sampler.begin(*self.names)

    def sample(self, *happens: Callable[[], object]) -> Sample:
        """Lets an interval pass, in each scrape of which something happens in turn, and takes its sample."""
        for number in range(INTERVAL // SCRAPE):
            self.prometheus.now += SCRAPE
            if number < len(happens):
                happens[number]()
            self.scrape()
        return self.take()

    def take(self) -> Sample:
        return self.sampler.sample(*self.names, self.expected)

    @property
    def names(self) -> tuple[list[str], list[str]]:
        return [pod.name for pod in self.canary], [pod.name for pod in self.stable]
