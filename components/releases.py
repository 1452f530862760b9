"""Which releases a service has had, from the cluster's own history: its ReplicaSets.

Pure: objects are as the API server gives them.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from . import tracks
from .naming import COMMIT, TRACK
from .references import parse

REVISION = "deployment.kubernetes.io/revision"
_SHORTEST_DIGEST = 7


class ReleaseError(Exception):
    """The release that was asked for cannot be had, why, and what can."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """One version, as it was configured."""

    version: str
    """Version the image carries."""
    commit: str
    """Commit it was built from; empty if not known."""
    image: str
    """`repository@sha256:…`."""
    created: str
    """When its pods were first asked for, RFC 3339."""
    revision: int
    """Number among the releases of the stable track; 0 if it was never there."""
    pods: int
    """Ready pods on the stable track."""
    current: bool
    """Whether the stable track is to run it."""
    verdict: str
    """What its last trial came to, or its release; empty if nothing was recorded."""

    @property
    def digest(self) -> str:
        """`sha256:…`."""
        return self.image.partition("@")[2]


def releases(sets: Iterable[dict[str, Any]], current: str) -> list[Release]:
    """Releases from the ReplicaSets of both tracks, newest first; `current`: the stable track's revision."""
    groups: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in sets:
        groups[_identity(each)].append(each)
    made = [_release(group, current) for group in groups.values()]
    return sorted(made, key=lambda release: (release.revision, release.created), reverse=True)


def target(history: Sequence[Release], wanted: str) -> Release:
    """The release to go back to: `previous`, a version, or the start of a digest. Raises ReleaseError."""
    ran = [release for release in history if release.revision]
    if wanted == "previous":
        before = [r for r in ran if not r.current and not r.verdict.startswith("taken back")]
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


def _release(sets: list[dict[str, Any]], current: str) -> Release:
    """One release from its ReplicaSets: on either track, and once more where it came back by a rollback."""
    stable = [each for each in sets if each["metadata"]["labels"].get(TRACK) == "stable"]
    tried = [each for each in sets if each not in stable]
    runs = tracks.release(sets[0]["spec"]["template"])
    commits = {each["spec"]["template"]["metadata"].get("annotations", {}).get(COMMIT, "") for each in sets}
    revisions = [each["metadata"]["annotations"][REVISION] for each in stable]
    return Release(
        version=runs["version"],
        commit=next(iter(commits - {"", "unknown"}), ""),
        image=runs["image"],
        created=min(each["metadata"]["creationTimestamp"] for each in sets),
        revision=max(map(int, revisions), default=0),
        pods=sum(each["status"].get("readyReplicas", 0) for each in stable),
        current=current in revisions,
        verdict=next((verdict for each in [*tried, *stable] if (verdict := _verdict(each))), ""),
    )


def _identity(replica_set: dict[str, Any]) -> str:
    """The same for a release on either track: image, version and the hashes of its configuration."""
    template = replica_set["spec"]["template"]
    metadata = template["metadata"]
    notes = {k: v for k, v in metadata.get("annotations", {}).items() if k.startswith("checksum/")}
    return json.dumps([tracks.release(template), notes], sort_keys=True)


def _verdict(replica_set: dict[str, Any]) -> str:
    """What a record says of the release it stands on; a new ReplicaSet starts with that of the one before."""
    text = replica_set["metadata"]["annotations"].get("goservice/record")
    if not text:
        return ""
    record = json.loads(text)
    if record["release"].get("image") != tracks.release(replica_set["spec"]["template"])["image"]:
        return ""
    return f"{record['verdict']}: {record['reason']}" if record["reason"] else record["verdict"]


def same_repository(release: Release, repository: str) -> bool:
    """Whether a release stands where the program's images do."""
    found, wanted = parse(release.image), parse(repository)
    return found is not None and wanted is not None and (found.host, found.path) == (wanted.host, wanted.path)
