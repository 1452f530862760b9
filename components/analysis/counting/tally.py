"""What pods have counted between two snapshots, without probes and scrapes. Pure."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ..metrics import MetricNames
from .counters import Counters
from .latency import without_fast
from .probe_account import ProbeAccount
from .snapshot import Snapshot
from .statuses import kind_of


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What one pod has counted within an interval."""

    statuses: dict[str, float] = field(default_factory=dict[str, float])
    """Requests by status, probes included."""
    probes: float = 0
    """Number of successes among them that are probes and scrapes."""
    buckets: dict[float, float] = field(default_factory=dict[float, float])
    """Answers by bound in seconds, each with those below it; empty without a histogram."""


class Tally:
    """The counters of all pods of a trial, from snapshot to snapshot."""

    def __init__(self, metrics: MetricNames, limit_seconds: float) -> None:
        self._metrics, self._limit = metrics, limit_seconds
        self._requests, self._untold = Counters[str](), Counters[str]()
        self._buckets, self._untold_timed = Counters[float](), Counters[str]()
        self._probes, self._probes_timed = ProbeAccount(), ProbeAccount()

    def begin(self, snapshot: Snapshot, is_new: Callable[[str], bool]) -> None:
        """Counts from this snapshot on."""
        self._advance(snapshot, is_new)
        self._probes.begin()
        self._probes_timed.begin()

    def count(
        self, snapshot: Snapshot, is_new: Callable[[str], bool], expected: Mapping[str, float]
    ) -> dict[str, Counted]:
        """What the pods that Prometheus knows have counted since the snapshot before.

        expected: number of probes by pod.
        """
        pods, untold, untold_timed = self._advance(snapshot, is_new)
        found: dict[str, Counted] = {}
        for pod, counted in pods.items():
            due = {"probes": expected.get(pod, 0), "scrapes": snapshot.scrapes.get(pod, 0)}
            probes = self._probes.take(pod, **due, available=untold.get(pod, 0))
            fast = self._probes_timed.take(pod, **due, available=untold_timed.get(pod, 0))
            buckets = without_fast(counted.buckets, fast, self._limit) if counted.buckets else {}
            found[pod] = replace(counted, probes=probes, buckets=buckets)
        return found

    def _advance(
        self, snapshot: Snapshot, is_new: Callable[[str], bool]
    ) -> tuple[dict[str, Counted], dict[str, float], dict[str, float]]:
        """What pods have counted, and the successes and the timed answers among that which may be probes."""
        scraped = snapshot.scraped
        pods = {pod: Counted() for pod in sorted(scraped)}
        requests = self._requests.advance(snapshot.requests, scraped=scraped, is_new=is_new)
        for (pod, status), count in requests.items():
            pods[pod].statuses[status] = count
        buckets = self._buckets.advance(
            snapshot.buckets,
            scraped=scraped,
            is_new=is_new,
            # Estimates between the bounds of a native histogram may fall a little.
            tells_restart=lambda pod, bound: math.isinf(bound) or pod not in snapshot.native,
        )
        for (pod, bound), count in buckets.items():
            if pod in pods:
                pods[pod].buckets[bound] = count
        untold = self._untold.advance(snapshot.untold, scraped=scraped, is_new=is_new)
        timed = self._untold_timed.advance(snapshot.untold_timed, scraped=scraped, is_new=is_new)
        successes: dict[str, float] = {}
        for (pod, status), count in untold.items():
            if kind_of(status, self._metrics) == "success":
                successes[pod] = successes.get(pod, 0) + count
        return pods, successes, {pod: count for (pod, _), count in timed.items()}
