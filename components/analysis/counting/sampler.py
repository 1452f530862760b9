"""Takes samples of both tracks from Prometheus, each of what was counted since the one before."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from .. import promql
from ..access.prometheus import Ask, PrometheusError
from ..metrics import MetricNames
from ..native import with_native_requests
from ..samples import Check, Measurement, Sample
from .checks import take_check
from .latency import percentile, slowness
from .snapshot import Reader, Snapshot
from .statuses import kind_of, unknown_reason, unknown_statuses
from .tally import Counted, Tally

_NO_BASELINE = "Prometheus did not answer when counting was to begin; it begins now"


class Sampler:
    """Takes the samples of one trial."""

    def __init__(
        self,
        *,
        ask: Ask,
        metrics: MetricNames,
        namespace: str,
        seconds: int,
        queries: Mapping[str, str],
        limit_milliseconds: int,
    ) -> None:
        """seconds: length of the interval between samples. queries: user-defined ones by name.

        limit_milliseconds: limit of latency; 0 leaves latency out.
        """
        self._ask, self._metrics, self._namespace = ask, metrics, namespace
        self._seconds, self._queries, self._limit_milliseconds = seconds, queries, limit_milliseconds
        self._limit = limit_milliseconds / 1000
        self._name(metrics)
        # Stable pods that are older than the trial.
        self._old: frozenset[str] | None = None
        self._has_begun = False
        self._since = 0.0
        # Intervals that no sample has covered yet.
        self._intervals = 0
        # Probes that a sample has covered which had no data all the same.
        self._covered: Mapping[str, float] = {}

    def wait_for_scrapes(self, pods: Collection[str], wait: Callable[[float], None]) -> None:
        """Waits until each of the pods has been scraped from now on, at most half an interval.

        The counters have what was answered up to now then, and what follows counts alone. wait: seconds.
        """
        try:
            now, last = self._reader.last_scrapes(pods)
            for _ in range(self._seconds // 2):
                if all(moment >= now for moment in last.values()):
                    return
                wait(1)
                _, last = self._reader.last_scrapes(pods)
        except PrometheusError:
            return  # the next sample says so

    def begin(self, canary: Collection[str], stable: Collection[str]) -> None:
        """Makes the next sample count from now. Raises PrometheusError; then the next sample has no data."""
        if self._old is None:
            self._name(with_native_requests(self._ask, self._metrics, self._namespace, {*canary, *stable}))
            self._old = frozenset(stable) - frozenset(canary)
        self._has_begun = False
        self._covered = {}
        self._tally.begin(self._read({*canary, *stable}), self._is_new)
        self._has_begun = True

    def sample(
        self, canary: Collection[str], stable: Collection[str], expected: Mapping[str, float]
    ) -> Sample:
        """Samples the pods of both tracks.

        If Prometheus does not answer, the sample has its error and no data, and the next one covers the gap.
        canary: all that the trial has had: what a pod counted before it went counts. expected: number of
        requests by pod that the kubelet has made since the last sample without an error.
        """
        try:
            if not self._has_begun:
                self.begin(canary, stable)
                self._covered = dict(expected)
                return Sample(error=_NO_BASELINE)
            pods = self._count({*canary, *stable}, expected)
        except PrometheusError as error:
            return Sample(error=str(error))
        unknown = self._unknown({pod: counted for pod, counted in pods.items() if pod in {*canary, *stable}})
        if unknown:
            self._covered = dict(expected)
            return Sample(error=unknown)
        self._covered = {}
        tracks = [[pods[pod] for pod in track if pod in pods] for track in (canary, stable)]
        return Sample(
            canary=self._measurement(tracks[0]),
            stable=self._measurement(tracks[1]),
            checks=tuple(self._check(name, text, canary, stable) for name, text in self._queries.items()),
            buckets=slowness((one.buckets for one in tracks[0] if one.buckets), self._limit).around,
        )

    def _name(self, metrics: MetricNames) -> None:
        """Counts metrics of these names."""
        self._metrics = metrics
        self._tally = Tally(metrics, self._limit)
        self._reader = Reader(
            ask=self._ask,
            metrics=metrics,
            namespace=self._namespace,
            limit_milliseconds=self._limit_milliseconds,
        )

    def _count(self, pods: Collection[str], expected: Mapping[str, float]) -> dict[str, Counted]:
        snapshot = self._read(pods)
        probes = {pod: max(count - self._covered.get(pod, 0), 0) for pod, count in expected.items()}
        return self._tally.count(snapshot, self._is_new, probes)

    def _read(self, pods: Collection[str]) -> Snapshot:
        self._intervals += 1
        window = self._seconds * self._intervals
        snapshot = self._reader.snapshot(pods, window, self._since)
        elapsed = snapshot.time - self._since if self._since else 0
        self._intervals, self._since = 0, snapshot.time
        if elapsed <= window + 1:
            return snapshot
        # Pods were waited for, and were scraped as often in the rest of the time.
        scrapes = {pod: math.ceil(count * elapsed / window) for pod, count in snapshot.scrapes.items()}
        return replace(snapshot, scrapes=scrapes)

    def _measurement(self, pods: Collection[Counted]) -> Measurement:
        if not pods:
            return Measurement()
        count = {"success": 0.0, "error": 0.0, "ignored": 0.0, "unknown": 0.0}
        for pod in pods:
            for status, number in pod.statuses.items():
                count[kind_of(status, self._metrics)] += number
            count["success"] -= pod.probes
        requests, errors = count["success"] + count["error"], count["error"]
        timed = [pod.buckets for pod in pods if pod.buckets]
        if not timed:
            return Measurement(requests=requests, errors=errors)
        found = slowness(timed, self._limit)
        return Measurement(
            requests=requests,
            errors=errors,
            timed=found.timed,
            slow=found.slow,
            slow_at_most=found.slow_at_most,
            p99_seconds=percentile(timed, 0.99),
        )

    def _unknown(self, pods: Mapping[str, Counted]) -> str:
        """That requests have a status which is not classified; empty if none has."""
        counts: dict[str, float] = {}
        for counted in pods.values():
            for status, number in counted.statuses.items():
                counts[status] = counts.get(status, 0) + number
        words = unknown_statuses(counts, self._metrics)
        if not words:
            return ""
        try:
            labels = self._reader.labels_of_unclassified(pods)
        except PrometheusError:
            labels = set[str]()
        return unknown_reason(words, labels, self._metrics)

    def _check(self, name: str, text: str, canary: Collection[str], stable: Collection[str]) -> Check:
        return take_check(
            self._ask,
            name,
            text,
            lambda query: promql.filled(query, self._namespace, canary, stable, self._seconds),
        )

    def _is_new(self, pod: str) -> bool:
        return pod not in (self._old or ())
