"""Takes one sample of both tracks from Prometheus.

Without Pulumi: the gate imports it as a program of its own.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from . import promql
from .analysis import Check, Sample, Track, known
from .prometheus import Ask, PrometheusError


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """What is asked, and over how long."""

    ask: Ask
    """How Prometheus is asked."""
    namespace: str
    """Namespace of the pods."""
    seconds: int
    """What one sample covers."""
    queries: Mapping[str, str]
    """The user's own, by name."""

    def sample(self, canary: Collection[str], stable: Collection[str]) -> Sample:
        """A sample of the pods of both tracks; without data where a query fails, which it tells."""
        try:
            counts = self.ask(promql.requests(self.namespace, [*canary, *stable], self.seconds))
            return Sample(
                canary=self._track(counts, canary),
                stable=self._track(counts, stable),
                checks=tuple(self._check(name, text, canary, stable) for name, text in self.queries.items()),
            )
        except PrometheusError as error:
            return Sample(error=str(error))

    def _track(self, counts: list[tuple[dict[str, str], float]], pods: Collection[str]) -> Track:
        own = [(labels.get("status", ""), value) for labels, value in counts if labels.get("pod") in pods]
        if not own:
            return Track()
        latency = self.ask(promql.p99(self.namespace, pods, self.seconds))
        return Track(
            requests=known(sum(value for _, value in own)),
            errors=known(sum(value for status, value in own if status.startswith("5"))),
            p99_seconds=known(latency[0][1]) if latency else None,
        )

    def _check(self, name: str, text: str, canary: Collection[str], stable: Collection[str]) -> Check:
        wanted = promql.parse_query(text)
        if wanted is None:
            raise PrometheusError(f"query {name} is not of the form PROMQL <= NUMBER")
        answer = self.ask(promql.filled(wanted.query, self.namespace, canary, stable, self.seconds))
        if len(answer) > 1:
            raise PrometheusError(f"query {name} has {len(answer)} values; make them one by sum() or max()")
        value = known(answer[0][1]) if answer else None
        return Check(name=name, comparison=wanted.comparison, bound=wanted.bound, value=value)
