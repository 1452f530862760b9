"""A process with counters, as a library for Prometheus keeps them."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.support.fake_prometheus import FakePrometheus

Labels = frozenset[tuple[str, str]]
BOUNDS = (0.1, 0.25, 0.5, 1.0)


class FakePod:
    """One pod: `answer()` counts, `scrape()` brings what is counted to a Prometheus."""

    def __init__(
        self,
        name: str,
        prometheus: FakePrometheus,
        *,
        status: str = "status",
        path: str = "route",
        bounds: Sequence[float] = BOUNDS,
        native: bool = False,
        endpoint: str = "",
    ) -> None:
        """path: label with the path; empty for a library without. endpoint: label that a scraper adds."""
        self._added = {"endpoint": endpoint} if endpoint else {}
        self.name, self._prometheus, self._native = name, prometheus, native
        self._status, self._path, self._bounds = status, path, bounds
        self._requests: Counter[Labels] = Counter()
        self._seconds: dict[Labels, list[float]] = {}

    def answer(
        self, count: int = 1, *, status: str = "200", path: str = "/items", seconds: float = 0.01
    ) -> None:
        labels = (
            {"namespace": "shop", "pod": self.name, self._status: status}
            | self._added
            | ({self._path: path} if self._path else {})
        )
        self._requests[frozenset(labels.items())] += count
        self._seconds.setdefault(frozenset(labels.items()), []).extend([seconds] * count)

    def restart(self) -> None:
        self._requests.clear()
        self._seconds.clear()

    def scrape(self) -> None:
        self._prometheus.scrape(self.name, self._exposed())

    def miss(self) -> None:
        """A scrape without an answer; also what the last one of a pod that is gone comes to."""
        self._prometheus.scrape(self.name, None)

    def _exposed(self) -> dict[Labels, Any]:
        found: dict[Labels, Any] = {
            _named("http_requests_total", labels): count for labels, count in self._requests.items()
        }
        name = "http_request_duration_seconds"
        for labels, seconds in self._seconds.items():
            if self._native:
                found[_named(name, labels)] = tuple(seconds)
                continue
            found[_named(f"{name}_count", labels)] = len(seconds)
            for bound in (*self._bounds, math.inf):
                le = "+Inf" if math.isinf(bound) else f"{bound:g}"
                found[_named(f"{name}_bucket", labels, le=le)] = sum(one <= bound for one in seconds)
        return found


def _named(name: str, labels: Labels, **more: str) -> Labels:
    return labels | {("__name__", name), *more.items()}
