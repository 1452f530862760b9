"""Releases from ReplicaSets: what history shows, and which one a rollback means."""

import json
from typing import Any

import pytest

from components.releases import Release, ReleaseError, releases, same_repository, target


def replica_set(
    number: int, *, track: str = "stable", revision: int = 1, ready: int = 0, **more: Any
) -> dict[str, Any]:
    """A ReplicaSet of release `v<number>`; more: config hash, commit, record, image."""
    annotations = {"deployment.kubernetes.io/revision": str(revision)}
    if "record" in more:
        annotations["goservice/record"] = json.dumps(more["record"])
    notes = {"goservice/commit": more.get("commit", f"c0ffee{number}"), "prometheus.io/port": "8080"}
    if "config" in more:
        notes["checksum/config"] = more["config"]
    container = {"image": more.get("image", image(number))}
    return {
        "metadata": {
            "annotations": annotations,
            "labels": {"track": track},
            "creationTimestamp": f"2026-01-0{number}T10:00:0{0 if track == 'canary' else 5}Z",
        },
        "spec": {
            "template": {
                "metadata": {
                    "labels": {"app.kubernetes.io/version": f"v{number}", "track": track},
                    "annotations": notes,
                },
                "spec": {"containers": [container]},
            }
        },
        "status": {"readyReplicas": ready} if ready else {},
    }


def image(number: int) -> str:
    return f"ghcr.io/acme/shop@sha256:{str(number) * 64}"


def record(number: int, verdict: str, reason: str = "") -> dict[str, Any]:
    return {
        "verdict": verdict,
        "reason": reason,
        "release": {"version": f"v{number}", "image": image(number)},
    }


HISTORY = [
    replica_set(1, revision=1),
    replica_set(1, track="canary", record=record(1, "untried", "first release")),
    replica_set(2, revision=2),
    replica_set(2, track="canary", revision=2, record=record(2, "promoted", "passed 9 samples")),
    replica_set(3, track="canary", revision=3, record=record(3, "taken back", "2 of 2 samples failed")),
    replica_set(4, revision=3, ready=3),
    replica_set(4, track="canary", revision=4, record=record(4, "promoted", "passed 9 samples")),
]


def test_both_tracks_of_a_release_are_one_line_newest_first() -> None:
    found = releases(HISTORY, current="3")
    assert [(r.version, r.revision, r.pods, r.current, r.verdict) for r in found] == [
        ("v4", 3, 3, True, "promoted: passed 9 samples"),
        ("v2", 2, 0, False, "promoted: passed 9 samples"),
        ("v1", 1, 0, False, "untried: first release"),
        ("v3", 0, 0, False, "taken back: 2 of 2 samples failed"),
    ]
    assert found[0] == Release(
        version="v4",
        commit="c0ffee4",
        image=image(4),
        created="2026-01-04T10:00:00Z",
        revision=3,
        pods=3,
        current=True,
        verdict="promoted: passed 9 samples",
    )


def test_a_release_that_came_back_by_a_rollback_is_one_line_with_its_commit() -> None:
    back = replica_set(1, revision=5, ready=2, commit="unknown")
    found = releases([*HISTORY, back], current="5")
    assert [(r.version, r.commit, r.revision, r.current) for r in found][:2] == [
        ("v1", "c0ffee1", 5, True),
        ("v4", "c0ffee4", 3, False),
    ]


def test_the_same_image_with_other_settings_is_another_release() -> None:
    found = releases([replica_set(1, config="a"), replica_set(1, revision=2, config="b")], current="2")
    assert [r.revision for r in found] == [2, 1]


def test_the_record_of_the_release_before_says_nothing_of_a_new_one() -> None:
    """The cluster copies it to the new ReplicaSet, where it stands until the trial has ended."""
    (found,) = releases([replica_set(5, track="canary", record=record(4, "promoted"))], current="3")
    assert found.verdict == ""


@pytest.mark.parametrize(
    ("wanted", "version"),
    [("previous", "v2"), ("v1", "v1"), ("v4", "v4"), ("2222222", "v2"), (f"sha256:{'1' * 64}", "v1")],
)
def test_what_is_meant(wanted: str, version: str) -> None:
    assert target(releases(HISTORY, current="3"), wanted).version == version


def test_previous_leaves_out_a_release_that_was_taken_back() -> None:
    failed = replica_set(5, revision=4, record=record(5, "taken back", "did not come up"))
    assert target(releases([*HISTORY, failed], current="3"), "previous").version == "v2"


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ("v9", "no release v9 ran on the stable track; there are v4, v2, v1"),
        ("v3", "no release v3 ran on the stable track; there are v4, v2, v1"),
        ("444444", "no release 444444 ran on the stable track; there are v4, v2, v1"),
    ],
)
def test_what_cannot_be_had(wanted: str, reason: str) -> None:
    with pytest.raises(ReleaseError) as caught:
        target(releases(HISTORY, current="3"), wanted)
    assert str(caught.value) == reason


def test_a_version_of_two_images_is_refused() -> None:
    twice = replica_set(2, revision=7, image=image(9))
    with pytest.raises(ReleaseError, match="v2 stands for 2 images; name the digest of one"):
        target(releases([*HISTORY, twice], current="3"), "v2")


def test_nothing_before_the_first_release() -> None:
    with pytest.raises(ReleaseError, match="no release before this one"):
        target(releases([replica_set(1, ready=1)], current="1"), "previous")


@pytest.mark.parametrize(
    ("repository", "same"),
    [("ghcr.io/acme/shop", True), ("ghcr.io/acme/other", False), ("example.com/acme/shop", False)],
)
def test_repositories(repository: str, same: bool) -> None:
    assert same_repository(releases(HISTORY, current="3")[0], repository) is same
