"""What the gate is asked to do, as the canary component writes it to the gate's standard input."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from ..analysis import Limits
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
    prometheus: str
    """Address of the Prometheus: a URL, or `namespace/service:port`."""
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
    limits, steps = Limits(**plan.pop("limits")), tuple(plan.pop("steps"))
    return TrialRequest(**values, cluster=cluster, plan=Plan(**plan, limits=limits, steps=steps))
