"""Which release the report is about, and what it replaced, from Deployments and ReplicaSets."""

from __future__ import annotations

from typing import Any, NamedTuple

from components.cluster import DeployedRelease, Record, Track, Tracks, Verdict
from components.cluster.releases.history import past_releases
from components.operate.report.last_release import LastRelease, last_release
from tests.support import trials

IMAGE = "ghcr.io/acme/shop@sha256:"


class Run(NamedTuple):
    """A ReplicaSet of release `v<number>`."""

    number: int
    revision: int
    day: int
    track: str = "stable"
    record: Record | None = None
    config: str = "1"


def record(number: int, verdict: Verdict, reason: str = "", seconds: int = 60) -> Record:
    release = DeployedRelease(version=f"v{number}", image=f"{IMAGE}{str(number) * 64}")
    return Record(verdict=verdict, reason=reason, release=release, seconds=seconds)


def template(number: int, track: str, config: str) -> dict[str, Any]:
    container = {"image": f"{IMAGE}{str(number) * 64}", "workingDir": f"/{number}"}
    return {
        "metadata": {
            "labels": {"track": track, "app.kubernetes.io/version": f"v{number}"},
            "annotations": {"checksum/config": config},
        },
        "spec": {"containers": [container]},
    }


def replica_set(run: Run) -> dict[str, Any]:
    notes = {"deployment.kubernetes.io/revision": str(run.revision)}
    if run.record:
        notes["goservice/record"] = run.record.to_json()
    return {
        "metadata": {
            "name": f"{run.track}-{run.number}",
            "labels": {"track": run.track},
            "annotations": notes,
            "creationTimestamp": f"2026-01-{run.day:02}T10:00:00Z",
        },
        "spec": {"template": template(run.number, run.track, run.config)},
        "status": {},
    }


def track(run: Run, record: Record | None = None, points: str = "") -> Track:
    notes = {"goservice/record": record.to_json()} if record else {}
    notes |= {"goservice/points": points} if points else {}
    done = {
        "type": "Progressing",
        "reason": "NewReplicaSetAvailable",
        "lastUpdateTime": "2026-01-09T10:00:00Z",
    }
    deployment = {
        "metadata": {"name": run.track, "annotations": notes},
        "spec": {"replicas": 0, "template": template(run.number, run.track, run.config)},
        "status": {"conditions": [{"type": "Available", "reason": "Enough"}, done]},
    }
    return Track(deployment=deployment, pods=[])


def last(*runs: Run, stable: Run, canary: Track | None = None) -> LastRelease:
    sets = [replica_set(run) for run in runs]
    tracks = Tracks(stable=track(stable), canary=canary)
    found = last_release(tracks, sets, past_releases(sets, str(stable.revision)))
    assert found is not None
    return found


def named(found: LastRelease) -> tuple[str, str | None, str | None]:
    """Its version, that of the release before, and the verdict."""
    before, record = found.before, found.record
    return found.release.version, before.version if before else None, record.verdict if record else None


V1, V2 = Run(1, 1, 1), Run(2, 2, 2)
TRIED = Run(2, 1, 3, track="canary")


def test_a_rolling_release() -> None:
    found = last(V1, V2, stable=V2)
    assert named(found) == ("v2", "v1", None)
    assert found.trial is None
    assert [(change.part, change.old, change.new) for change in found.changes] == [("workingDir", "/1", "/2")]
    assert found.came_up == "2026-01-09T10:00:00Z"


def test_the_first_release() -> None:
    found = last(V1, stable=V1)
    assert named(found) == ("v1", None, None)
    assert found.changes == ()


def test_a_canary_that_was_promoted() -> None:
    canary = track(TRIED, record(2, "promoted", "passed 9 samples"), trials.GOOD.to_json())
    found = last(V1, V2, TRIED, stable=V2, canary=canary)
    assert named(found) == ("v2", "v1", "promoted")
    assert found.trial == trials.GOOD


def test_a_canary_that_was_rolled_back() -> None:
    canary = track(TRIED, record(2, "rolled back", "2 samples failed"), trials.BAD.to_json())
    found = last(V1, TRIED, stable=V1, canary=canary)
    assert named(found) == ("v2", "v1", "rolled back")
    assert found.trial == trials.BAD
    assert [(change.old, change.new) for change in found.changes] == [("/1", "/2")]
    assert found.came_up == ""


def test_settings_that_were_tried_and_rolled_back_beside_the_same_image() -> None:
    settings = TRIED._replace(number=1, config="2")
    canary = track(settings, record(1, "rolled back", "2 samples failed"), trials.BAD.to_json())
    found = last(V1, settings, stable=V1, canary=canary)
    assert named(found) == ("v1", "v1", "rolled back")
    assert not found.release.current
    assert found.before is not None
    assert found.before.current


def test_a_canary_that_passed_and_did_not_come_up_on_the_stable_track() -> None:
    failed = V2._replace(record=record(2, "rolled back", "crashed", 0))
    canary = track(TRIED, record(2, "promoted", "passed 9 samples"), trials.GOOD.to_json())
    back = V1._replace(revision=3)
    found = last(back, failed, TRIED, stable=back, canary=canary)
    assert named(found) == ("v2", "v1", "rolled back")
    assert found.record is not None
    assert found.record.reason == "crashed"


def test_a_release_without_a_trial_does_not_show_the_samples_of_the_one_before() -> None:
    canary = track(TRIED, record(2, "untried", "canary.skip is set", 0), trials.BAD.to_json())
    found = last(V1, V2, stable=V2, canary=canary)
    assert named(found) == ("v2", "v1", "untried")
    assert found.trial is None


def test_points_that_cannot_be_read_are_none() -> None:
    canary = track(TRIED, record(2, "promoted"), "{}")
    assert last(V1, V2, stable=V2, canary=canary).trial is None


def test_a_rolling_release_that_did_not_come_up() -> None:
    failed = V2._replace(record=record(2, "rolled back", "crashed", 0))
    back = V1._replace(revision=3)
    assert named(last(back, failed, stable=back)) == ("v2", "v1", "rolled back")


def test_a_failure_before_the_last_release_is_not_what_served_before() -> None:
    failed = V2._replace(record=record(2, "rolled back", "crashed", 0))
    v3 = Run(3, 3, 3)
    assert named(last(V1, failed, v3, stable=v3)) == ("v3", "v1", None)


def test_a_rollback_by_an_operator() -> None:
    left = V2._replace(record=record(2, "rolled back", "replaced by a rollback to v1", 0))
    back = V1._replace(revision=3)
    assert named(last(back, left, stable=back)) == ("v1", "v2", None)


def test_a_trial_of_a_release_that_the_cluster_has_forgotten() -> None:
    canary = track(TRIED, record(9, "rolled back"), trials.BAD.to_json())
    found = last(V1, V2, stable=V2, canary=canary)
    assert named(found) == ("v2", "v1", None)
    assert found.trial is None


def test_nothing_known() -> None:
    assert last_release(Tracks(stable=track(V1), canary=None), [], []) is None
