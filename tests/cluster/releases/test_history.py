"""Releases from ReplicaSets: what history shows, and which one a rollback means."""

import json
from typing import Any

import pytest

from components.cluster.releases.history import (
    PastRelease,
    ReleaseError,
    has_run_before,
    past_releases,
    rollback_target,
    same_repository,
)
from components.cluster.releases.record import parse_record


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
    replica_set(3, track="canary", revision=3, record=record(3, "rolled back", "2 of 2 samples failed")),
    replica_set(4, revision=3, ready=3),
    replica_set(4, track="canary", revision=4, record=record(4, "promoted", "passed 9 samples")),
]


def test_both_tracks_of_a_release_are_one_line_newest_first() -> None:
    found = past_releases(HISTORY, current="3")
    assert [(r.version, r.revision, r.pods, r.current, r.record.text if r.record else "") for r in found] == [
        ("v4", 3, 3, True, "promoted: passed 9 samples"),
        ("v2", 2, 0, False, "promoted: passed 9 samples"),
        ("v1", 1, 0, False, "untried: first release"),
        ("v3", 0, 0, False, "rolled back: 2 of 2 samples failed"),
    ]
    assert found[0] == PastRelease(
        version="v4",
        commit="c0ffee4",
        image=image(4),
        created="2026-01-04T10:00:00Z",
        revision=3,
        pods=3,
        current=True,
        record=parse_record(json.dumps(record(4, "promoted", "passed 9 samples"))),
    )


def test_a_release_that_came_back_by_a_rollback_is_one_line_with_its_commit() -> None:
    back = replica_set(1, revision=5, ready=2, commit="unknown")
    found = past_releases([*HISTORY, back], current="5")
    assert [(r.version, r.commit, r.revision, r.current) for r in found][:2] == [
        ("v1", "c0ffee1", 5, True),
        ("v4", "c0ffee4", 3, False),
    ]


def test_the_same_image_with_other_settings_is_another_release() -> None:
    found = past_releases([replica_set(1, config="a"), replica_set(1, revision=2, config="b")], current="2")
    assert [r.revision for r in found] == [2, 1]


def test_the_record_of_the_release_before_says_nothing_of_a_new_one() -> None:
    """The cluster copies it to the new ReplicaSet, where it stands until the trial has ended."""
    (found,) = past_releases([replica_set(5, track="canary", record=record(4, "promoted"))], current="3")
    assert found.record is None


@pytest.mark.parametrize(
    ("wanted", "version"),
    [("previous", "v2"), ("v1", "v1"), ("v4", "v4"), ("2222222", "v2"), (f"sha256:{'1' * 64}", "v1")],
)
def test_what_is_meant(wanted: str, version: str) -> None:
    assert rollback_target(past_releases(HISTORY, current="3"), wanted).version == version


def test_previous_leaves_out_a_release_that_was_rolled_back() -> None:
    failed = replica_set(5, revision=4, record=record(5, "rolled back", "did not come up"))
    assert rollback_target(past_releases([*HISTORY, failed], current="3"), "previous").version == "v2"


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
        rollback_target(past_releases(HISTORY, current="3"), wanted)
    assert str(caught.value) == reason


def test_a_version_of_two_images_is_refused() -> None:
    twice = replica_set(2, revision=7, image=image(9))
    with pytest.raises(ReleaseError, match="v2 stands for 2 images; name the digest of one"):
        rollback_target(past_releases([*HISTORY, twice], current="3"), "v2")


def test_nothing_before_the_first_release() -> None:
    with pytest.raises(ReleaseError, match="no release before this one"):
        rollback_target(past_releases([replica_set(1, ready=1)], current="1"), "previous")


@pytest.mark.parametrize(
    ("repository", "same"),
    [("ghcr.io/acme/shop", True), ("ghcr.io/acme/other", False), ("example.com/acme/shop", False)],
)
def test_repositories(repository: str, same: bool) -> None:
    assert same_repository(past_releases(HISTORY, current="3")[0], repository) is same


RAN: dict[str, tuple[list[dict[str, Any]], bool]] = {
    "on the stable track": ([], True),
    "never": ([replica_set(5, track="canary", record=record(5, "promoted"))], False),
    "and was rolled back": ([replica_set(5, revision=4, record=record(5, "rolled back"))], False),
    "and an earlier version of this program says so": (
        [replica_set(5, revision=4, record=record(5, "taken back"))],
        False,
    ),
    "and one of its configurations was rolled back": (
        [
            replica_set(5, revision=2, config="a"),
            replica_set(5, revision=4, config="b", record=record(5, "rolled back")),
        ],
        True,
    ),
}


@pytest.mark.parametrize("case", RAN)
def test_an_image_has_run_before_if_it_was_on_the_stable_track_and_stayed(case: str) -> None:
    more, ran = RAN[case]
    wanted = image(5) if more else image(2)
    assert has_run_before(past_releases([*HISTORY, *more], current="3"), wanted) is ran


def test_a_trial_that_failed_later_does_not_make_a_release_that_ran_one_that_did_not() -> None:
    """v2 ran; then a setting of its pods was tried, without success; then v4 came."""
    tried = replica_set(
        2, track="canary", revision=9, record=record(2, "rolled back", "2 of 2 samples failed")
    )
    found = past_releases([*HISTORY, tried], current="3")
    assert [r.record.text for r in found if r.version == "v2" and r.record] == [
        "rolled back: 2 of 2 samples failed"
    ]
    assert rollback_target(found, "previous").version == "v2"
    assert has_run_before(found, image(2))


def test_of_several_replica_sets_of_a_release_the_newest_counts() -> None:
    """v4 came back after a setting of its pods had not come up."""
    sets = [
        replica_set(4, revision=4, record=record(4, "rolled back", "did not come up")),
        replica_set(4, revision=5),
        replica_set(5, revision=6, ready=3),
    ]
    for ordered in (sets, sets[::-1]):
        found = past_releases([*HISTORY, *ordered], current="6")
        assert rollback_target(found, "previous").version == "v4"
        assert has_run_before(found, image(4))


def test_a_replica_set_of_no_deployment_has_no_revision() -> None:
    stray = replica_set(5)
    del stray["metadata"]["annotations"]
    found = past_releases([*HISTORY, stray], current="3")
    assert [(r.revision, r.current) for r in found if r.version == "v5"] == [(0, False)]
    assert not has_run_before(found, image(5))


def test_what_runs_now_has_not_run_before() -> None:
    """Its settings may have changed, which takes a trial."""
    again = replica_set(4, revision=1, config="earlier")
    assert not has_run_before(past_releases([*HISTORY, again], current="3"), image(4))


def test_what_became_of_a_release_on_the_stable_track_counts_for_more_than_its_trial() -> None:
    tried = replica_set(5, track="canary", record=record(5, "promoted", "passed 9 samples"))
    failed = replica_set(5, revision=4, record=record(5, "rolled back", "did not come up"))
    found = past_releases([tried, failed], current="3")
    assert [release.record.text for release in found if release.record] == ["rolled back: did not come up"]
