"""What the gate is asked to do, as the canary component writes it to the gate's standard input."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from ..analysis import Limits, MetricNames, PrometheusAccess
from ..cluster import Cluster
from .plan import Plan


@dataclass(frozen=True, kw_only=True)
class TrialRequest:
    """One trial."""

    service: str
    """Name of the service and of its stable Deployment."""
    namespace: str
    """Namespace of both tracks."""
    cluster: Cluster
    """Cluster they are in."""
    prometheus: PrometheusAccess
    """The Prometheus with the service's metrics."""
    metrics: MetricNames
    """Names of the service's metrics."""
    queries: dict[str, str]
    """User-defined checks by name."""
    skip: bool
    """Whether new versions are released without a trial."""
    plan: Plan
    """Steps, times and limits."""
    uid: str
    """uid of the canary's Deployment, by which the gate knows that it reaches the right cluster."""

    def to_json(self) -> str:
        """The same text for the same request."""
        return json.dumps(asdict(self), sort_keys=True)


def parse_request(text: str) -> TrialRequest:
    """A request from its JSON."""
    values: dict[str, Any] = json.loads(text)
    plan: dict[str, Any] = values.pop("plan")
    cluster = Cluster(**values.pop("cluster"))
    prometheus = PrometheusAccess(**values.pop("prometheus"))
    names: dict[str, Any] = values.pop("metrics")
    names.update({key: tuple(names[key]) for key in ("paths", "ignored_paths") if key in names})
    metrics = MetricNames(**names)
    limits, steps = Limits(**plan.pop("limits")), tuple(plan.pop("steps"))
    return TrialRequest(
        **values,
        cluster=cluster,
        prometheus=prometheus,
        metrics=metrics,
        plan=Plan(**plan, limits=limits, steps=steps),
    )
