"""Counters of the pods of a simulated cluster, and a Prometheus that answers a trial's queries from them."""

import re
from collections.abc import Collection
from typing import Any

State = dict[str, Any]
Series = list[tuple[dict[str, str], float]]

BOUNDS = ("0.005", "0.025", "0.1", "0.25", "0.5", "1", "2.5", "+Inf")
COLD_SECONDS = 2.0  # that an answer takes of a pod that is not warm
_SCRAPE_SECONDS = 15
_NOW = 1e6


def count(state: State, pod: str, seconds: float, *, is_canary: bool, is_cold: bool) -> None:
    """Counts the answers of a pod within the last seconds."""
    state["seen"][pod] = state["counted_at"]
    new = state["new"]
    errors = new["errors"] if is_canary else 0.0
    requests = new["requests"] if is_canary else 100.0
    took = COLD_SECONDS if is_cold else new["seconds"] if is_canary else 0.02
    counters = state["counted"].setdefault(pod, {})
    # Numbers of an interval times seconds: whole ones, so that sums of them are exact.
    for status, number in (("200", requests - errors), ("500", errors)):
        if number:
            counters[status] = counters.get(status, 0) + number * seconds
    for bound in BOUNDS:
        within = not isinstance(took, str) and float(bound) >= took
        if requests:  # each bucket is there, also without an answer
            counters[f"le {bound}"] = counters.get(f"le {bound}", 0) + requests * seconds * within


def answer(state: State, query: str, ready: Collection[str], now: float) -> Series:
    """What there is to a query of a trial or of its preflight.

    Pods that are gone are found by queries of a moment that has passed (`@`), or of when they were last seen.
    ready: names of the pods that are scraped.
    """
    found = re.search(r'pod=~"([^"]*)"', query)
    counted: dict[str, dict[str, float]] = state["counted"]
    asked = [pod for pod in counted if found and re.fullmatch(found[1], pod)]
    if 'route=""' in query or "histogram_" in query or "topk" in query:
        return []
    if query.startswith("max by (pod) (timestamp("):
        return [*(({"pod": pod}, now) for pod in asked if pod in ready), ({}, now)]
    if "max_over_time" in query:
        return [({"pod": pod}, state["seen"][pod]) for pod in asked]
    if " @ " not in query:
        asked = [pod for pod in asked if pod in ready]
    if window := re.search(r"count_over_time.*\[(\d+)s\]", query):
        with_series = [pod for pod in asked if set(counted[pod]) & {"200", "500"}]
        time: Series = [({}, now)] if "vector(time())" in query else []
        return _scrapes(query, with_series, int(window[1])) + time
    is_latency = "_bucket" in query
    label = "le" if is_latency else "status"
    return [
        ({"pod": pod, label: key.removeprefix("le ")}, _value(state, pod, key, value))
        for pod in asked
        for key, value in counted[pod].items()
        if key.startswith("le ") == is_latency
    ]


def _scrapes(query: str, pods: Collection[str], window: int) -> Series:
    """Number of scrapes of pods; with the times of the first and last one if that is asked for."""
    if "label_replace" not in query:
        return [({"pod": pod}, float(window // _SCRAPE_SECONDS)) for pod in pods]
    # The window is four intervals, and each has two scrapes.
    parts = {"first": _NOW - window, "last": _NOW, "now": _NOW, "scrapes": 8.0}
    return [({"pod": pod, "part": part}, value) for pod in pods for part, value in parts.items()]


def _value(state: State, pod: str, key: str, value: float) -> float:
    if key.startswith("le ") and isinstance(state["new"]["seconds"], str) and "canary" in pod:
        return float(state["new"]["seconds"])  # NaN and the like
    return float(round(value / state["interval"]))
