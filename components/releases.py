"""Which releases a service has had, from the cluster's own history: its ReplicaSets.

Pure: objects are as the API server gives them.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .naming import TRACK, VERSION
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
    stable: dict[str, dict[str, Any]] = {}
    tried: dict[str, dict[str, Any]] = {}
    for each in sets:
        found = stable if each["metadata"]["labels"].get(TRACK) == "stable" else tried
        found[_identity(each)] = each
    made = [_release(stable.get(key), tried.get(key), current) for key in dict.fromkeys([*stable, *tried])]
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


def _release(stable: dict[str, Any] | None, tried: dict[str, Any] | None, current: str) -> Release:
    sets = [each for each in (stable, tried) if each]
    template = sets[0]["spec"]["template"]
    revision = stable["metadata"]["annotations"][REVISION] if stable else "0"
    return Release(
        version=template["metadata"]["labels"].get(VERSION, ""),
        commit=template["metadata"].get("annotations", {}).get("goservice/commit", ""),
        image=template["spec"]["containers"][0]["image"],
        created=min(each["metadata"]["creationTimestamp"] for each in sets),
        revision=int(revision),
        pods=stable["status"].get("readyReplicas", 0) if stable else 0,
        current=stable is not None and revision == current,
        verdict=next((verdict for each in (tried, stable) if each and (verdict := _verdict(each))), ""),
    )


def _identity(replica_set: dict[str, Any]) -> str:
    """The same for a release on either track: image, version and the hashes of its configuration."""
    template = replica_set["spec"]["template"]
    metadata = template["metadata"]
    notes = {k: v for k, v in metadata.get("annotations", {}).items() if k.startswith("checksum/")}
    version = metadata["labels"].get(VERSION, "")
    return json.dumps([template["spec"]["containers"][0]["image"], version, notes], sort_keys=True)


def _verdict(replica_set: dict[str, Any]) -> str:
    """What a record says of the release it stands on; a new ReplicaSet starts with that of the one before."""
    text = replica_set["metadata"]["annotations"].get("goservice/record")
    if not text:
        return ""
    record = json.loads(text)
    image = replica_set["spec"]["template"]["spec"]["containers"][0]["image"]
    if record["release"].get("image") != image:
        return ""
    return f"{record['verdict']}: {record['reason']}" if record["reason"] else record["verdict"]


def same_repository(release: Release, repository: str) -> bool:
    """Whether a release stands where the program's images do."""
    found, wanted = parse(release.image), parse(repository)
    return found is not None and wanted is not None and (found.host, found.path) == (wanted.host, wanted.path)
