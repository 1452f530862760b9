"""Queries of a canary trial, and the form of user-defined ones."""

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from .samples import Comparison

# Probes and scrapes are not traffic. Without the label nothing is left out.
_TRAFFIC = 'route!~"([A-Z]+ )?/(health.*|metrics)"'
_CHECK = re.compile(
    r"(?P<query>.*\S)\s*(?P<comparison><=|>=|<|>)\s*(?P<bound>-?\d+(\.\d+)?([eE][+-]?\d+)?)\s*"
)


@dataclass(frozen=True, kw_only=True)
class UserQuery:
    """A user-defined query: PromQL, and the bound of its value."""

    query: str
    """PromQL with one value."""
    comparison: Comparison
    """Comparison operator."""
    bound: float
    """Right-hand side of the comparison."""


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
    # Summed first: a quantile for each pod would be many values.
    return f"histogram_quantile(0.99, sum by (le) ({rate}))"


def filled(query: str, namespace: str, canary: Collection[str], stable: Collection[str], seconds: int) -> str:
    """A user-defined query with its variables filled in; `$canary` and `$stable` are patterns of pods."""
    values = {
        "namespace": namespace,
        "canary": "|".join(sorted(canary)),
        "stable": "|".join(sorted(stable)),
        "window": f"{seconds}s",
    }
    return re.sub(r"\$(namespace|canary|stable|window)\b", lambda found: values[found[1]], query)


def _selector(namespace: str, pods: Collection[str], *more: str) -> str:
    return ",".join([f'namespace="{namespace}"', f'pod=~"{"|".join(sorted(pods))}"', *more])
