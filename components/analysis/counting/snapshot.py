"""The counters of pods at one moment, from Prometheus."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from .. import promql
from ..access.prometheus import Ask
from ..metrics import MetricNames

Groups = dict[tuple[str, str], float]
"""Counter by pod and status; without a status, by pod and an empty text."""

# Where native histograms are read, in parts of the latency limit.
_NATIVE_BOUNDS = (1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0)
_INFINITY = float("inf")


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Counters of pods since each has started."""

    requests: Groups = field(default_factory=dict[tuple[str, str], float])
    """Requests by pod and status."""
    untold: Groups = field(default_factory=dict[tuple[str, str], float])
    """Those of series that no label tells from probes and scrapes."""
    buckets: dict[tuple[str, float], float] = field(default_factory=dict[tuple[str, float], float])
    """Answers by pod and bound in seconds, each with those below it."""
    untold_timed: Groups = field(default_factory=dict[tuple[str, str], float])
    """Answers timed in series that no label tells from probes and scrapes, by pod."""
    native: set[str] = field(default_factory=set[str])
    """Pods whose buckets are estimates from native histograms."""
    scrapes: dict[str, float] = field(default_factory=dict[str, float])
    """Scrapes by pod within the interval."""
    time: float = 0
    """When it was taken, by Prometheus's clock; 0 if that is not known."""

    @property
    def scraped(self) -> set[str]:
        """Pods that Prometheus knows."""
        return {pod for pod, _ in self.requests} | {pod for pod, count in self.scrapes.items() if count}

    def add(self, other: "Snapshot") -> None:
        """Adds the counters of other pods."""
        self.requests.update(other.requests)
        self.untold.update(other.untold)
        self.buckets.update(other.buckets)
        self.untold_timed.update(other.untold_timed)
        self.native.update(other.native)


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads the counters of pods."""

    ask: Ask
    """Runs a query."""
    metrics: MetricNames
    """Names of the metrics."""
    namespace: str
    """Namespace of the pods."""
    limit_milliseconds: int
    """Limit of latency; 0 leaves latency out."""

    def snapshot(self, pods: Collection[str], seconds: int, since: float) -> Snapshot:
        """Counters now. Raises PrometheusError.

        seconds: length of the interval in which scrapes are counted. since: time of the snapshot before.
        """
        found = self._counters(pods, 0)
        # A pod that is gone or was not scraped has no counters now, but may have counted since last time. All
        # are read as of one moment: the last value of each may be that of an earlier process of the pod.
        away = set(pods) - {pod for pod, _ in found.requests}
        for moment, those in self._moments(away, seconds).items():
            if moment > since:
                found.add(self._counters(those, moment))
        time = 0.0
        for labels, value in self.ask(promql.scrapes(self.metrics, self.namespace, pods, seconds)):
            if (pod := labels.get(self.metrics.pod, "")) in pods:
                found.scrapes[pod] = value
            elif not labels:
                time = value
        return replace(found, time=time)

    def last_scrapes(self, pods: Collection[str]) -> tuple[float, dict[str, float]]:
        """The time, and when each pod was last scraped, by Prometheus's clock. Raises PrometheusError."""
        time, found = 0.0, dict[str, float]()
        for labels, value in self.ask(promql.last_scrapes(self.metrics, self.namespace, pods)):
            if (pod := labels.get(self.metrics.pod, "")) in pods:
                found[pod] = value
            elif not labels:
                time = value
        return time, found

    def labels_of_unclassified(self, pods: Collection[str]) -> set[str]:
        """Names of the labels of the series whose status is not classified. Raises PrometheusError."""
        series = self.ask(promql.unclassified(self.metrics, self.namespace, pods))
        return {name for labels, _ in series for name in labels}

    def _moments(self, pods: Collection[str], seconds: int) -> dict[int, set[str]]:
        """When pods last had counters, each moment with its pods."""
        found: dict[int, set[str]] = {}
        if pods:
            seen = self._by_pod(promql.last_seen(self.metrics, self.namespace, pods, seconds), pods)
            for (pod, _), moment in seen.items():
                found.setdefault(int(moment), set()).add(pod)
        return found

    def _counters(self, pods: Collection[str], at: int) -> Snapshot:
        requests = self._by_status("traffic", pods, at)
        untold: Groups = {}
        if self.metrics.ignored_paths:  # without any, probes and scrapes are not counted
            # Without path labels there is nothing to tell any series by.
            untold = self._by_status("untold", pods, at) if self.metrics.paths else dict(requests)
        found = Snapshot(requests=requests, untold=untold)
        if self.limit_milliseconds:
            self._time(found, pods, at)
        return found

    def _time(self, found: Snapshot, pods: Collection[str], at: int) -> None:
        asked = (self.metrics, self.namespace, pods)
        for labels, value in self.ask(promql.latency(*asked, at)):
            if (pod := labels.get(self.metrics.pod, "")) in pods:
                found.buckets[pod, self._seconds(float(labels["le"]))] = value
        if self.metrics.ignored_paths:
            found.untold_timed.update(self._by_pod(promql.untold_timed(*asked, at), pods))
        without = {pod for pod, _ in found.requests} - {pod for pod, _ in found.buckets}
        if without:
            self._time_native(found, without, at)

    def _time_native(self, found: Snapshot, pods: Collection[str], at: int) -> None:
        asked = (self.metrics, self.namespace, pods)
        timed = self._by_pod(promql.native_timed(*asked, "traffic", at), pods)
        if not timed:
            return
        found.native.update(pod for pod, _ in timed)
        found.buckets.update({(pod, _INFINITY): count for (pod, _), count in timed.items()})
        if self.metrics.ignored_paths:
            found.untold_timed.update(self._by_pod(promql.native_timed(*asked, "untold", at), pods))
        unit = 1 if self.metrics.unit == "milliseconds" else 1000
        for bound in (part * self.limit_milliseconds / unit for part in _NATIVE_BOUNDS):
            below = self._by_pod(promql.native_below(*asked, bound, at), pods)
            found.buckets.update({(pod, self._seconds(bound)): count for (pod, _), count in below.items()})

    def _by_status(self, scope: promql.Scope, pods: Collection[str], at: int) -> Groups:
        query = promql.requests(self.metrics, self.namespace, pods, scope, at)
        return self._groups(query, pods, self.metrics.status)

    def _by_pod(self, query: str, pods: Collection[str]) -> Groups:
        return self._groups(query, pods, "")

    def _groups(self, query: str, pods: Collection[str], label: str) -> Groups:
        """The answer by pod and label, without other pods that the pattern matches."""
        found: Groups = {}
        for labels, value in self.ask(query):
            if (pod := labels.get(self.metrics.pod, "")) in pods:
                found[pod, labels.get(label, "")] = value
        return found

    def _seconds(self, bound: float) -> float:
        return bound / 1000 if self.metrics.unit == "milliseconds" else bound
