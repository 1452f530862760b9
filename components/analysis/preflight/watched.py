"""Series of some pods, as a check before a trial asks for them."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from ..access.prometheus import Ask
from ..metrics import MetricNames
from ..promql import Scope, matchers

# What tells two scrapes of the same pod apart. The last three are labels of Prometheus servers themselves.
TARGET = ("job", "instance", "container", "prometheus", "prometheus_replica", "replica")


@dataclass(frozen=True, kw_only=True)
class Watched:
    """Pods, and what their series are called."""

    ask: Ask
    """Runs a query."""
    metrics: MetricNames
    """Names of their metrics."""
    namespace: str
    """Namespace of the pods."""
    pods: Collection[str]
    """Names of the pods."""

    @property
    def place(self) -> str:
        """Label matchers of the pods, without those of `canary.metrics.selector`."""
        return matchers(replace(self.metrics, selector=""), self.namespace, self.pods, "all")

    def select(self, metric: str, scope: Scope = "all") -> str:
        """Selector of a metric of the pods."""
        return f"{metric}{{{matchers(self.metrics, self.namespace, self.pods, scope)}}}"

    def count(self, labels: Iterable[str], selector: str) -> list[tuple[dict[str, str], float]]:
        """Number of series by pod and values of labels, of these pods alone. Raises PrometheusError."""
        by = dict.fromkeys((self.metrics.pod, *labels))
        found = self.ask(f"count by ({', '.join(by)}) ({selector})")
        return [(group, number) for group, number in found if group.get(self.metrics.pod) in self.pods]

    def examples(self, selector: str) -> list[dict[str, str]]:
        """Labels of a few series. Raises PrometheusError."""
        return [labels for labels, _ in self.ask(f"topk(20, {selector})")]

    def is_known(self, status: str) -> bool:
        """Whether a status is a success, an error, or ignored."""
        patterns = (self.metrics.successes, self.metrics.errors, self.metrics.ignored)
        return any(pattern and re.fullmatch(pattern, status) for pattern in patterns)


def quoted(words: Iterable[str], limit: int = 5) -> str:
    """Words in quotes, the first few of them in order."""
    known = sorted(set(words))
    more = f" and {len(known) - limit} more" if len(known) > limit else ""
    return ", ".join(f'"{word}"' for word in known[:limit]) + more
