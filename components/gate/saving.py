"""Saves what a trial came to where it is looked for: on the canary, and on pods that may follow."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

from ..cluster import (
    Kubectl,
    NotFoundError,
    PastRelease,
    Record,
    Tracks,
    TrialPoints,
    Verdict,
    has_run_before,
    record_replaced,
    write_record,
)
from ..shared import POINTS, RECORD, canary_name

LET_FOLLOW: tuple[Verdict, ...] = ("promoted", "untried")
"""Verdicts after which the stable track may follow."""


def save(
    record: Record,
    points: TrialPoints | None,
    *,
    cluster: Kubectl,
    tracks: Tracks,
    history: list[PastRelease],
    service: str,
) -> None:
    """Writes a record to the canary, and to an earlier run of the same pods once they may follow.

    A rollback is recorded with the release that it replaces, so that going forward again takes a trial.
    points: None without a trial.
    """
    # Without samples: an annotation has to be small, and each new ReplicaSet gets a copy.
    drawn = points.to_json() if points else None
    try:
        cluster.annotate("deployment", canary_name(service), {RECORD: record.to_json(), POINTS: drawn})
    except NotFoundError:
        if record.verdict in LET_FOLLOW:
            raise
        return  # it was deleted, which is why the trial failed
    if tracks.canary is None or tracks.stable is None or record.verdict not in LET_FOLLOW:
        return
    left = tracks.stable.release
    if left.image == record.release.image:
        return
    if record.verdict == "untried" and has_run_before(history, record.release.image):
        record_replaced(cluster, service, left, record.release.name)
    if any(past.image == record.release.image and past.was_rolled_back for past in history):
        # Not to other pods of the image, which may never have come up.
        write_record(cluster, service, record, template=tracks.canary.template)


def without_infinities(value: Any) -> Any:
    """The same with None for numbers that JSON does not have."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: without_infinities(part) for key, part in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [without_infinities(part) for part in cast("Sequence[Any]", value)]
    return value
