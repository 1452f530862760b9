"""How many pods a track needs to take over the load of another, by what its autoscaler measures. Pure."""

import math
from typing import Any


def room_needed(scaler: dict[str, Any], now: int, ready: int, leaving: int) -> int:
    """Pods that a track has to have before other ones leave; never fewer than it has.

    scaler: its HorizontalPodAutoscaler, as the API server gives it. now: pods wanted. ready: those that take
    traffic. leaving: pods of the other track that do.
    """
    metrics: list[dict[str, Any]] = scaler["spec"].get("metrics") or []
    current: list[dict[str, Any]] = scaler.get("status", {}).get("currentMetrics") or []
    used = max((_use(metric, current) for metric in metrics), default=1.0)
    # Every pod has the same share of the load, whatever its track. Rounded against errors of floats.
    needed = math.ceil(round((ready + leaving) * used, 6))
    return max(now, min(needed, scaler["spec"]["maxReplicas"]))


def _use(metric: dict[str, Any], current: list[dict[str, Any]]) -> float:
    """Use of a resource, as a part of its target; 1 if it is not known, so that no pod counts as idle."""
    wanted = metric.get("resource", {})
    for measured in current:
        resource = measured.get("resource", {})
        if resource.get("name") == wanted.get("name"):
            value = resource.get("current", {}).get("averageUtilization")
            target = wanted.get("target", {}).get("averageUtilization")
            if value is not None and target:
                return value / target
    return 1.0
