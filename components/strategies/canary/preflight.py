"""Whether a trial could be measured: asked by operators, and in previews."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from time import monotonic
from typing import Any

import pulumi

from ...analysis import Ask, Finding, preflight, reached_by
from ...cluster import ClusterError, Kubectl, find_tracks
from ..workload import Workload
from .access import own_paths, prometheus_access, with_secrets
from .args import Canary

_ANSWER_SECONDS = 15.0
# A preview waits for Prometheus two seconds at most: no query begins after the first, and none takes longer.
_PREVIEW_SECONDS = 1.0


def check_canary(
    canary: Canary,
    *,
    paths: Collection[str],
    cluster: Kubectl,
    stable: Collection[str],
    tried: Collection[str] = (),
    within: float | None = None,
) -> list[Finding]:
    """Checks of the preflight, in order.

    canary: with its secrets known. paths: of the service's own probes and metrics. stable, tried: names of
    the pods of the stable track, and of the canary. within: seconds after which it raises TimeoutError.
    """
    seconds = _ANSWER_SECONDS if within is None else within
    ask = reached_by(prometheus_access(canary), cluster.cluster, seconds=seconds)
    return preflight(
        ask if within is None else _hurried(ask, within),
        metrics=canary.metrics.resolved(paths),
        namespace=cluster.namespace,
        pods=stable,
        interval=canary.interval_seconds,
        limit_milliseconds=canary.max_p99_milliseconds,
        queries=canary.queries,
        canary=tried,
    )


def warn_in_preview(track: pulumi.Resource, canary: Canary, workload: Workload) -> None:
    """Has a preview warn of each problem. It never fails, and an update is left to the gate."""
    if canary.skip or not pulumi.runtime.is_dry_run():
        return

    async def warn(known: list[Any]) -> None:
        for line in await asyncio.to_thread(_warnings, known[0], workload, known[1]):
            pulumi.log.warn(line, track)

    pulumi.Output.all(with_secrets(canary), workload.cluster).apply(warn)


def _warnings(canary: Canary, workload: Workload, cluster: Kubectl) -> list[str]:
    """A line for each problem; none before the first release, or if the answers take too long."""
    try:
        stable = find_tracks(replace(cluster, patience=0), workload.service).stable
        if stable is None or not stable.ready:
            return []
        found = check_canary(
            canary,
            paths=own_paths(workload.pod.probes, workload.pod.metrics, workload.pod.port),
            cluster=cluster,
            stable=stable.pod_names,
            within=_PREVIEW_SECONDS,
        )
    except (ClusterError, TimeoutError):
        return []
    return [f"a trial could not be measured: {finding.text}" for finding in found if finding.problem]


def _hurried(ask: Ask, seconds: float) -> Ask:
    """Begins no query after some seconds."""
    end = monotonic() + seconds

    def hurried(query: str) -> list[tuple[dict[str, str], float]]:
        if monotonic() > end:
            raise TimeoutError
        return ask(query)

    return hurried
