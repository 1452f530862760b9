"""Stable and canary pods of a service, which the label `track` distinguishes."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ..model import Options, Resource, StackRule, Violation
from ..reading.cluster import Workload, in_same_namespace, of_kind, workloads
from ..reading.label_selectors import Verdict, every, has_labels, same, some
from ..values import UNKNOWN, entries, get

TRACKS = ("stable", "canary")
_IDENTITY = ("app.kubernetes.io/name", "app.kubernetes.io/instance", "app", "k8s-app")
_EXPLICIT = {"stable", "canary", "active", "preview"}


def on_track(workload: Workload, track: str) -> Verdict:
    """Whether the pods of a workload are on a track."""
    return same(get(workload.labels, "track"), track)


def are_siblings(one: Workload, other: Workload) -> Verdict:
    """Whether two workloads run the same service, by the labels that name it."""
    return every(
        [
            in_same_namespace(one.resource, other.resource),
            some(None if value is UNKNOWN else value is not None for value in _identity(one)),
            *(same(left, right) for left, right in zip(_identity(one), _identity(other), strict=True)),
        ]
    )


def _identity(workload: Workload) -> list[Any]:
    values = [get(workload.labels, key) for key in _IDENTITY]
    return [re.sub(r"-(stable|canary)$", "", value) if isinstance(value, str) else value for value in values]


def _split_tracks(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
    found = list(workloads(resources))
    for service in of_kind(resources, "core", "Service"):
        selector = get(service.props, "spec", "selector")
        if not entries(selector):
            continue
        path = ("spec", "selector", *(["track"] if "track" in entries(selector) else []))
        for track, other in (TRACKS, TRACKS[::-1]):
            tracks = [_on(found, track), _on(found, other)]
            if _selects_only_first(service, selector, tracks) and _is_unintended(service, track):
                message = f"selects only pods on track {track}, although there are others on track {other}"
                yield Violation(path=path, message=message, resource=service)


def _on(found: Sequence[Workload], track: str) -> list[tuple[Workload, Verdict]]:
    return [(workload, on_track(workload, track)) for workload in found]


def _selects_only_first(
    service: Resource, selector: Any, tracks: list[list[tuple[Workload, Verdict]]]
) -> bool:
    """Whether a Service selects pods on the first track but none of their siblings on the second."""
    first, second = tracks
    for workload, verdict in first:
        if every([verdict, _selects(service, selector, workload)]) is not True:
            continue
        others = [other for other, on in second if every([on, are_siblings(workload, other)]) is not False]
        certain = [other for other, on in second if every([on, are_siblings(workload, other)])]
        if certain and some(_selects(service, selector, other) for other in others) is False:
            return True
    return False


def _selects(service: Resource, selector: Any, workload: Workload) -> Verdict:
    return every([in_same_namespace(service, workload.resource), has_labels(workload.labels, selector)])


def _is_unintended(service: Resource, track: str) -> bool:
    """Whether the name of a Service does not announce that it serves only this track."""
    words = set(re.split(r"[^a-z0-9]+", f"{service.name} {get(service.props, 'metadata', 'name')}".lower()))
    other = TRACKS[1 - TRACKS.index(track)]
    return other in words or not words & _EXPLICIT


RULES: tuple[StackRule, ...] = (
    StackRule(
        name="availability-tracks",
        asks="A Service selects both stable and canary pods, unless its name contains the track.",
        why="A canary outside the Service gets no traffic, so a release is not tested before its rollout.",
        remedy="Remove `track` from the selector, or end the name in -stable, -canary, -active or -preview.",
        example="spec: {selector: {app: shop}}",
        severity="high",
        check=_split_tracks,
    ),
)
