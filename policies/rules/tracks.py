"""Stable and canary pods of one service, told apart by their label `track`."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ..model import Options, Resource, StackRule, Violation
from ..reading.cluster import Workload, of_kind, together, workloads
from ..reading.label_selectors import Verdict, every, has_labels, same, some
from ..values import UNKNOWN, entries, get

TRACKS = ("stable", "canary")
_IDENTITY = ("app.kubernetes.io/name", "app.kubernetes.io/instance", "app", "k8s-app")
_EXPLICIT = {"stable", "canary", "active", "preview"}


def on_track(workload: Workload, track: str) -> Verdict:
    """Whether the pods of a workload are on a track."""
    return same(get(workload.labels, "track"), track)


def siblings(one: Workload, other: Workload) -> Verdict:
    """Whether two workloads run the same service, by the labels that name it."""
    return every(
        [
            together(one.resource, other.resource),
            some(None if value is UNKNOWN else value is not None for value in _identity(one)),
            *(same(left, right) for left, right in zip(_identity(one), _identity(other), strict=True)),
        ]
    )


def _identity(workload: Workload) -> list[Any]:
    values = [get(workload.labels, key) for key in _IDENTITY]
    return [re.sub(r"-(stable|canary)$", "", value) if isinstance(value, str) else value for value in values]


def _apart(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
    found = list(workloads(resources))
    for service in of_kind(resources, "core", "Service"):
        selector = get(service.props, "spec", "selector")
        if not entries(selector):
            continue
        path = ("spec", "selector", *(["track"] if "track" in entries(selector) else []))
        for track, other in (TRACKS, TRACKS[::-1]):
            if _takes_one(service, selector, [_on(found, track), _on(found, other)]) and _unasked(
                service, track
            ):
                message = f"takes the pods on track {track} alone, although there are others on track {other}"
                yield Violation(path=path, message=message, resource=service)


def _on(found: Sequence[Workload], track: str) -> list[tuple[Workload, Verdict]]:
    return [(workload, on_track(workload, track)) for workload in found]


def _takes_one(service: Resource, selector: Any, tracks: list[list[tuple[Workload, Verdict]]]) -> bool:
    """Whether a Service takes pods of the first track, and certainly none of their siblings on the second."""
    first, second = tracks
    for workload, verdict in first:
        if every([verdict, _takes(service, selector, workload)]) is not True:
            continue
        others = [other for other, on in second if every([on, siblings(workload, other)]) is not False]
        certain = [other for other, on in second if every([on, siblings(workload, other)])]
        if certain and some(_takes(service, selector, other) for other in others) is False:
            return True
    return False


def _takes(service: Resource, selector: Any, workload: Workload) -> Verdict:
    return every([together(service, workload.resource), has_labels(workload.labels, selector)])


def _unasked(service: Resource, track: str) -> bool:
    """Whether the name of a Service does not say that it is for one track."""
    words = set(re.split(r"[^a-z0-9]+", f"{service.name} {get(service.props, 'metadata', 'name')}".lower()))
    other = TRACKS[1 - TRACKS.index(track)]
    return other in words or not words & _EXPLICIT


RULES: tuple[StackRule, ...] = (
    StackRule(
        name="availability-tracks",
        asks="A Service takes stable and canary pods together, unless its name says for which it is.",
        why="A canary outside the Service gets no traffic, so that nothing is tried before all get it.",
        remedy="Remove `track` from the selector, or end the name in -stable, -canary, -active or -preview.",
        example="spec: {selector: {app: shop}}",
        severity="high",
        check=_apart,
    ),
)
