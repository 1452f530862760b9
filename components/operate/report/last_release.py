"""The last release of a service: what it was, what it replaced, and how it went.

Pure: objects are as the API server gives them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...cluster import (
    REVISION,
    PastRelease,
    Record,
    Track,
    Tracks,
    TrialPoints,
    deployed_release,
    parse_points,
    parse_record,
)
from ...shared import POINTS, RECORD, TRACK
from .template_changes import Change, template_changes

_REPLACED = "replaced by a rollback"  # what record_replaced says of a release that served


@dataclass(frozen=True, kw_only=True)
class LastRelease:
    """What the report is about."""

    release: PastRelease
    """What was released."""
    before: PastRelease | None
    """What served before; None for the first release, or if the cluster has forgotten it."""
    record: Record | None
    """What its trial or rollout came to; None if nothing was recorded."""
    trial: TrialPoints | None
    """Its trial; None without one."""
    changes: tuple[Change, ...]
    """What differs between the pod templates."""
    came_up: str
    """When the stable track was all its pods, RFC 3339; empty if it is not."""


def last_release(
    tracks: Tracks, replica_sets: Sequence[dict[str, Any]], history: Sequence[PastRelease]
) -> LastRelease | None:
    """The last release; None if the cluster knows of none.

    replica_sets: of both tracks. history: made from them.
    """
    record, trial = _last_trial(tracks.canary)
    release = _tried(history, record) if record else None
    if release is None:  # no trial, or one of a release that the cluster has forgotten
        record, trial, release = None, None, _last_rollout(history)
    if release is None:
        return None
    before = _before(history, release)
    old, new = (_template(tracks, replica_sets, each) for each in (before, release))
    return LastRelease(
        release=release,
        before=before,
        # What became of it on the stable track is later than a trial that it passed.
        record=record if record and not _follows(record) else release.record or record,
        trial=trial,
        changes=tuple(template_changes(old, new)) if old and new else (),
        came_up=_came_up(tracks.stable) if release.current and tracks.stable else "",
    )


def _last_trial(canary: Track | None) -> tuple[Record | None, TrialPoints | None]:
    record = parse_record(canary.annotation(RECORD)) if canary else None
    if canary is None or record is None:
        return None, None
    # A release without a trial may find the samples of the one before.
    return record, None if record.verdict == "untried" else parse_points(canary.annotation(POINTS))


def _tried(history: Sequence[PastRelease], record: Record) -> PastRelease | None:
    """The release that a record is about. Settings are tried, too, beside the same image that serves."""
    found = [past for past in history if past.image == record.release.image]
    fits = [past for past in found if past.current == _follows(record)]
    return max(fits or found, key=lambda past: past.created, default=None)


def _follows(record: Record) -> bool:
    """Whether the stable track may follow."""
    return record.verdict in ("promoted", "untried")


def _before(history: Sequence[PastRelease], release: PastRelease) -> PastRelease | None:
    """What served before: what still does, or the last that did."""
    served = [past for past in history if past.revision and past is not release]
    if not release.current:
        return next((past for past in served if past.current), None)
    return next((past for past in served if not _did_not_come_up(past)), None)


def _last_rollout(history: Sequence[PastRelease]) -> PastRelease | None:
    """What was last released without a trial: what serves, or what did not come up in its place."""
    current = next((past for past in history if past.current), None)
    newest = max((past for past in history if past.revision), key=lambda past: past.created, default=None)
    return newest if newest and _did_not_come_up(newest) else current or newest


def _did_not_come_up(release: PastRelease) -> bool:
    """Whether its last rollout failed; one that served until an operator replaced it is something else."""
    return release.was_rolled_back and release.record is not None and _REPLACED not in release.record.reason


def _template(
    tracks: Tracks, replica_sets: Sequence[dict[str, Any]], release: PastRelease | None
) -> dict[str, Any]:
    """Pod template of a release; empty if its ReplicaSet is gone."""
    if release is None:
        return {}
    if release.current and tracks.stable:
        return tracks.stable.deployment["spec"]["template"]
    found = [
        each
        for each in replica_sets
        if deployed_release(each["spec"]["template"]).image == release.image
        and (_revision(each) == release.revision or not release.revision)
        and (each["metadata"]["labels"].get(TRACK) == "stable") == bool(release.revision)
    ]
    return max(found, key=_revision)["spec"]["template"] if found else {}


def _revision(replica_set: dict[str, Any]) -> int:
    return int(replica_set["metadata"].get("annotations", {}).get(REVISION, 0))


def _came_up(stable: Track) -> str:
    conditions: list[dict[str, Any]] = stable.deployment.get("status", {}).get("conditions", [])
    done = [
        c for c in conditions if c.get("type") == "Progressing" and c["reason"] == "NewReplicaSetAvailable"
    ]
    return done[0].get("lastUpdateTime", "") if done else ""
