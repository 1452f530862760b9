"""Queries of a canary trial, and the form of user-defined ones. Pure."""

import json
import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, cast

from .metrics import MetricNames
from .samples import Comparison

Scope = Literal["all", "traffic", "untold"]
"""Series of the pods: all, those that are not known to be probes and scrapes, or those of them without a
label that could tell."""

# No pod has this name. An empty pattern would match the series without the label.
_NOBODY = "-"
_MAX_EXAMPLES = 50
_MAX_STEPS = 60
_CHECK = re.compile(
    r"(?P<query>.*\S)\s*(?P<comparison><=|>=|<|>)\s*(?P<bound>-?\d+(\.\d+)?([eE][+-]?\d+)?)\s*",
    re.DOTALL,
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
    match = _CHECK.fullmatch(text)
    if match is None or not math.isfinite(float(match["bound"])):
        return None
    comparison = cast("Comparison", match["comparison"])
    return UserQuery(query=match["query"], comparison=comparison, bound=float(match["bound"]))


def filled(query: str, namespace: str, canary: Collection[str], stable: Collection[str], seconds: int) -> str:
    """A user-defined query with its variables filled in; `$canary` and `$stable` are patterns of pods."""
    values = {
        "namespace": namespace,
        "canary": pods_pattern(canary),
        "stable": pods_pattern(stable),
        "window": f"{seconds}s",
    }
    return re.sub(r"\$(namespace|canary|stable|window)\b", lambda found: values[found[1]], query)


def pods_pattern(pods: Collection[str]) -> str:
    """A pattern of the replica sets of pods: does not grow with the pods, and may match others of the sets.

    It has no backslash, so it means the same in each kind of quotes.
    """
    return "|".join(sorted({_replica_set(pod) for pod in pods})) or _NOBODY


def matchers(metrics: MetricNames, namespace: str, pods: Collection[str], scope: Scope = "traffic") -> str:
    """Label matchers of the series of pods, without braces."""
    found = [
        f"{metrics.namespace}={_quoted(namespace)}",
        f"{metrics.pod}=~{_quoted(pods_pattern(pods))}",
        *([metrics.selector] if metrics.selector else []),
    ]
    if scope == "untold":
        # Prometheus's operator calls the name of the port so, which tells nothing.
        found += [f'{label}!~".*/.*"' if label == "endpoint" else f'{label}=""' for label in metrics.paths]
    if scope == "traffic" and metrics.ignored_paths:
        # Some libraries put the method in front of the route, some write whole URLs.
        ignored = f"([A-Z]+ )?(https?://[^/]+)?({'|'.join(metrics.ignored_paths)})([?].*)?"
        found += [f"{label}!~{_quoted(ignored)}" for label in metrics.paths]
    return ",".join(found)


def requests(
    metrics: MetricNames, namespace: str, pods: Collection[str], scope: Scope = "traffic", at: int = 0
) -> str:
    """Requests answered since each pod started, by pod and status.

    at: time in seconds, for pods that are gone or were not scraped last time; 0 is now.
    """
    counters = _requests(metrics, matchers(metrics, namespace, pods, scope), at)
    return f"sum by ({metrics.pod}, {metrics.status}) ({counters})"


def latency(metrics: MetricNames, namespace: str, pods: Collection[str], at: int = 0) -> str:
    """Answers timed since each pod started, by pod and bucket, each bucket with those below it."""
    buckets = _values(f"{metrics.latency}_bucket", matchers(metrics, namespace, pods), at)
    return f"sum by ({metrics.pod}, le) ({buckets})"


def untold_timed(metrics: MetricNames, namespace: str, pods: Collection[str], at: int = 0) -> str:
    """Answers timed since each pod started in series that no label tells from probes and scrapes, by pod."""
    counters = _values(f"{metrics.latency}_count", matchers(metrics, namespace, pods, "untold"), at)
    return f"sum by ({metrics.pod}) ({counters})"


def native_timed(
    metrics: MetricNames, namespace: str, pods: Collection[str], scope: Scope = "traffic", at: int = 0
) -> str:
    """Answers timed in native histograms, by pod."""
    return f"histogram_count({_native(metrics, namespace, pods, scope, at)})"


def native_below(
    metrics: MetricNames, namespace: str, pods: Collection[str], bound: float, at: int = 0
) -> str:
    """Answers in native histograms that took at most as long as a bound in their unit, by pod."""
    histograms = _native(metrics, namespace, pods, "traffic", at)
    # Without any answer the share is NaN, which the comparison leaves out.
    return f"histogram_fraction(0, {bound!r}, {histograms}) * histogram_count({histograms}) >= 0"


def scrapes(metrics: MetricNames, namespace: str, pods: Collection[str], seconds: int) -> str:
    """Scrapes of each pod within the last seconds and, without a pod, the time."""
    counters = _all_requests(metrics, namespace, pods)
    return f"max by ({metrics.pod}) (count_over_time({counters}[{seconds}s])) or vector(time())"


def last_scrapes(metrics: MetricNames, namespace: str, pods: Collection[str]) -> str:
    """When each pod was last scraped and, without a pod, the time."""
    counters = _all_requests(metrics, namespace, pods)
    return f"max by ({metrics.pod}) (timestamp({counters})) or vector(time())"


def last_seen(metrics: MetricNames, namespace: str, pods: Collection[str], seconds: int) -> str:
    """When each pod last had counters, within the last seconds."""
    counters = _all_requests(metrics, namespace, pods)
    step = max(seconds // _MAX_STEPS, 1)
    return f"max_over_time(timestamp(sum by ({metrics.pod}) ({counters}))[{seconds}s:{step}s])"


def unclassified(metrics: MetricNames, namespace: str, pods: Collection[str]) -> str:
    """Some series whose status is neither an error nor a success nor ignored, with all of their labels."""
    words = "|".join(f"({words})" for words in (metrics.successes, metrics.errors, metrics.ignored) if words)
    selector = f"{matchers(metrics, namespace, pods)},{metrics.status}!~{_quoted(words)}"
    return f"topk({_MAX_EXAMPLES}, {_requests(metrics, selector, 0)})"


def _native(metrics: MetricNames, namespace: str, pods: Collection[str], scope: Scope, at: int) -> str:
    histograms = _values(metrics.latency, matchers(metrics, namespace, pods, scope), at)
    return f"sum by ({metrics.pod}) ({histograms})"


def _all_requests(metrics: MetricNames, namespace: str, pods: Collection[str]) -> str:
    """Series of requests of pods, those of probes and scrapes included."""
    return _values(metrics.requests, matchers(metrics, namespace, pods, "all"), 0)


def _requests(metrics: MetricNames, selector: str, at: int) -> str:
    counters = _values(metrics.requests, selector, at)
    return f"histogram_count({counters})" if metrics.native else counters


def _values(name: str, selector: str, at: int) -> str:
    return f"{name}{{{selector}}}" + (f" @ {at}" if at else "")


def _replica_set(pod: str) -> str:
    head, dash, tail = pod.replace(".", "[.]").rpartition("-")
    return f"{head}-[a-z0-9]+" if dash else tail


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
