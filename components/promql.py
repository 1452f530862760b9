"""The questions a canary trial asks Prometheus, and the shape of the user's own."""

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from .analysis import Comparison

# What probes and scrapes ask for is no traffic. Without such a label nothing is left out.
_TRAFFIC = 'route!~"([A-Z]+ )?/(health.*|metrics)"'
_CHECK = re.compile(
    r"(?P<query>.*\S)\s*(?P<comparison><=|>=|<|>)\s*(?P<bound>-?\d+(\.\d+)?([eE][+-]?\d+)?)\s*"
)


@dataclass(frozen=True, kw_only=True)
class UserQuery:
    """A query of the user's own: PromQL, and what its value has to be."""

    query: str
    """PromQL with one value."""
    comparison: Comparison
    """How the value has to stand to the bound."""
    bound: float
    """What the value is compared with."""


def parse_query(text: str) -> UserQuery | None:
    """`PROMQL <= NUMBER` (or >=, <, >) in its parts; None if it is not of that form."""
    match = _CHECK.fullmatch(text.replace("\n", " "))
    if match is None or not math.isfinite(float(match["bound"])):
        return None
    comparison = cast("Comparison", match["comparison"])
    return UserQuery(query=match["query"], comparison=comparison, bound=float(match["bound"]))


def requests(namespace: str, pods: Collection[str], seconds: int) -> str:
    """Requests answered within the last seconds, by pod and status."""
    selector = _selector(namespace, pods, _TRAFFIC)
    return f"sum by (pod, status) (increase(http_requests_total{{{selector}}}[{seconds}s]))"


def p99(namespace: str, pods: Collection[str], seconds: int) -> str:
    """99th percentile of latency within the last seconds, in seconds."""
    selector = _selector(namespace, pods, _TRAFFIC)
    rate = f"rate(http_request_duration_seconds_bucket{{{selector}}}[{seconds}s])"
    # Summed first: a quantile for each pod would be many answers, of which the first is any.
    return f"histogram_quantile(0.99, sum by (le) ({rate}))"


def filled(query: str, namespace: str, canary: Collection[str], stable: Collection[str], seconds: int) -> str:
    """A user's query with `$canary`, `$stable` (patterns of pods), `$namespace` and `$window` filled in."""
    values = {
        "namespace": namespace,
        "canary": "|".join(sorted(canary)),
        "stable": "|".join(sorted(stable)),
        "window": f"{seconds}s",
    }
    return re.sub(r"\$(namespace|canary|stable|window)\b", lambda found: values[found[1]], query)


def _selector(namespace: str, pods: Collection[str], *more: str) -> str:
    return ",".join([f'namespace="{namespace}"', f'pod=~"{"|".join(sorted(pods))}"', *more])
