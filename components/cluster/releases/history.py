"""Which releases a service has had, from the cluster's own history: its ReplicaSets.

Pure: objects are as the API server gives them.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ...shared import COMMIT, RECORD, TRACK, references
from .deployed_release import deployed_release
from .record import Record, parse_record

REVISION = "deployment.kubernetes.io/revision"
_SHORTEST_DIGEST = 7


class ReleaseError(Exception):
    """A release that cannot be rolled back to: why, and which can."""


@dataclass(frozen=True, kw_only=True)
class PastRelease:
    """One version with one configuration, on either track."""

    version: str
    """Version that the image carries."""
    commit: str
    """Commit that it was built from; empty if not known."""
    image: str
    """`repository@sha256:…`."""
    created: str
    """When its first ReplicaSet was created, RFC 3339."""
    revision: int
    """Number among the releases of the stable track; 0 if it was never there."""
    pods: int
    """Ready pods on the stable track."""
    current: bool
    """Whether the stable track is to run it."""
    record: Record | None
    """What its last trial or rollout came to; None if nothing was recorded."""
    was_rolled_back: bool = False
    """Whether its last rollout on the stable track failed, or a rollback replaced it there."""

    @property
    def digest(self) -> str:
        """`sha256:…`."""
        return self.image.partition("@")[2]


def past_releases(sets: Iterable[dict[str, Any]], current: str) -> list[PastRelease]:
    """Releases from the ReplicaSets of both tracks, newest first.

    current: revision of the stable track's Deployment.
    """
    groups: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in sets:
        groups[_identity(each)].append(each)
    found = [_release(group, current) for group in groups.values()]
    return sorted(found, key=lambda release: (release.revision, release.created), reverse=True)


def rollback_target(history: Sequence[PastRelease], wanted: str) -> PastRelease:
    """The release to roll back to: `previous`, a version, or the start of a digest. Raises ReleaseError."""
    ran = [release for release in history if release.revision]
    if wanted == "previous":
        before = [release for release in ran if not release.current and not release.was_rolled_back]
        if not before:
            raise ReleaseError("there is no release before this one in the cluster's history")
        return before[0]
    digest = wanted.removeprefix("sha256:")
    named = [r for r in ran if r.version == wanted]
    if not named and len(digest) >= _SHORTEST_DIGEST:
        named = [r for r in ran if r.digest.removeprefix("sha256:").startswith(digest)]
    images = {release.image for release in named}
    if len(images) > 1:
        raise ReleaseError(f"{wanted} stands for {len(images)} images; name the digest of one")
    if not named:
        known = ", ".join(dict.fromkeys(release.version for release in ran))
        raise ReleaseError(f"no release {wanted} ran on the stable track; there are {known or 'none'}")
    return named[0]


def has_run_before(history: Sequence[PastRelease], image: str) -> bool:
    """Whether an image has run on the stable track, does not run there now, and was not rolled back."""
    if any(release.current and release.image == image for release in history):
        return False
    return any(r.revision and not r.was_rolled_back for r in history if r.image == image)


def same_repository(release: PastRelease, repository: str) -> bool:
    """Whether the image of a release is in a repository."""
    found, wanted = references.parse(release.image), references.parse(repository)
    return found is not None and wanted is not None and (found.host, found.path) == (wanted.host, wanted.path)


def _release(sets: list[dict[str, Any]], current: str) -> PastRelease:
    """One release from its ReplicaSets: on either track, and once more if it came back by a rollback."""
    newest_first = sorted(sets, key=_revision, reverse=True)
    stable = [each for each in newest_first if each["metadata"]["labels"].get(TRACK) == "stable"]
    tried = [each for each in newest_first if each not in stable]
    runs = deployed_release(sets[0]["spec"]["template"])
    commits = {each["spec"]["template"]["metadata"].get("annotations", {}).get(COMMIT, "") for each in sets}
    # What became of it on the stable track is later than its trial. An older ReplicaSet says nothing of it.
    rollout = _record(stable[0]) if stable else None
    trials = (record for each in tried if (record := _record(each)))
    return PastRelease(
        version=runs.version,
        commit=next(iter(commits - {"", "unknown"}), ""),
        image=runs.image,
        created=min(each["metadata"]["creationTimestamp"] for each in sets),
        revision=max(map(_revision, stable), default=0),
        pods=sum(each["status"].get("readyReplicas", 0) for each in stable),
        current=any(_annotations(each).get(REVISION) == current for each in stable),
        record=rollout or next(trials, None),
        was_rolled_back=rollout is not None and rollout.verdict == "rolled back",
    )


def _identity(replica_set: dict[str, Any]) -> str:
    """The same for a release on either track: image, version and the hashes of its configuration."""
    template = replica_set["spec"]["template"]
    notes: dict[str, str] = template["metadata"].get("annotations", {})
    hashes = {key: value for key, value in notes.items() if key.startswith("checksum/")}
    release = deployed_release(template)
    return json.dumps([release.version, release.image, hashes], sort_keys=True)


def _record(replica_set: dict[str, Any]) -> Record | None:
    """The record of a ReplicaSet; None for a copy from its Deployment that is about another release."""
    record = parse_record(_annotations(replica_set).get(RECORD, ""))
    image = deployed_release(replica_set["spec"]["template"]).image
    return record if record and record.release.image == image else None


def _revision(replica_set: dict[str, Any]) -> int:
    """Number of a ReplicaSet among those of its Deployment; 0 if it belongs to none."""
    return int(_annotations(replica_set).get(REVISION, 0))


def _annotations(replica_set: dict[str, Any]) -> dict[str, str]:
    return replica_set["metadata"].get("annotations", {})
