"""Takes one sample of both tracks from Prometheus."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from . import promql
from .prometheus import Ask, PrometheusError
from .samples import Check, Measurement, Sample, known


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """Takes samples."""

    ask: Ask
    """Runs a query."""
    namespace: str
    """Namespace of the pods."""
    seconds: int
    """Length of the interval that a sample covers."""
    queries: Mapping[str, str]
    """User-defined queries by name."""

    def sample(self, canary: Collection[str], stable: Collection[str]) -> Sample:
        """Samples the pods of both tracks. If a query fails, the sample has its error and no data."""
        try:
            counts = self.ask(promql.requests(self.namespace, [*canary, *stable], self.seconds))
            return Sample(
                canary=self._track(counts, canary),
                stable=self._track(counts, stable),
                checks=tuple(self._check(name, text, canary, stable) for name, text in self.queries.items()),
            )
        except PrometheusError as error:
            return Sample(error=str(error))

    def _track(self, counts: list[tuple[dict[str, str], float]], pods: Collection[str]) -> Measurement:
        own = [(labels.get("status", ""), value) for labels, value in counts if labels.get("pod") in pods]
        if not own:
            return Measurement()
        latency = self.ask(promql.p99(self.namespace, pods, self.seconds))
        return Measurement(
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
