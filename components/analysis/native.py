"""Requests that only a native histogram counts."""

from collections.abc import Collection
from dataclasses import replace

from . import promql
from .access.prometheus import Ask
from .metrics import MetricNames


def with_native_requests(
    ask: Ask, metrics: MetricNames, namespace: str, pods: Collection[str]
) -> MetricNames:
    """The same names, with requests from the histogram itself if it is a native one, which has no `_count`.

    Raises PrometheusError.
    """
    if metrics.requests != f"{metrics.latency}_count":
        return metrics
    place = promql.matchers(metrics, namespace, pods, "all")
    if ask(f"count({metrics.requests}{{{place}}})") or not ask(f"count({metrics.latency}{{{place}}})"):
        return metrics
    return replace(metrics, requests=metrics.latency, native=True)
