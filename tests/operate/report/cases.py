"""Reports of every kind of release."""

from dataclasses import replace
from datetime import UTC, datetime

from components.cluster import DeployedRelease, PastRelease, Record, Track, Tracks, TrialPoints, Verdict
from components.operate.report.last_release import LastRelease
from components.operate.report.page import Report, page
from components.operate.report.template_changes import Change
from tests.support import trials

IMAGE = "ghcr.io/acme/shop@sha256:"


def past(number: int, *, current: bool = False, record: Record | None = None) -> PastRelease:
    return PastRelease(
        version=f"v1.{number}.0",
        commit=f"c0ffee{number}" * 6,
        image=f"{IMAGE}{str(number) * 64}",
        created=f"2026-01-0{number}T10:00:00Z",
        revision=number,
        pods=3 if current else 0,
        current=current,
        record=record,
    )


def record(verdict: Verdict, reason: str, seconds: int = 95) -> Record:
    release = DeployedRelease(version="v1.3.0", image=f"{IMAGE}{'3' * 64}")
    return Record(verdict=verdict, reason=reason, release=release, seconds=seconds)


def track(number: int, replicas: int) -> Track:
    template = {
        "metadata": {"labels": {"app.kubernetes.io/version": f"v1.{number}.0"}},
        "spec": {"containers": [{"image": f"{IMAGE}{str(number) * 64}"}]},
    }
    deployment = {"metadata": {"name": "shop"}, "spec": {"replicas": replicas, "template": template}}
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    pods = [{"metadata": {"name": f"shop-{n}"}, "status": ready} for n in range(replicas)]
    return Track(deployment=deployment, pods=pods)


def report(outcome: Record | None, trial: TrialPoints | None = None, *, serves: bool = True) -> Report:
    """Of v1.3.0, which followed v1.2.0."""
    before = past(2, current=not serves, record=record("promoted", "passed 9 samples"))
    release = replace(past(3, current=serves, record=outcome), revision=3 if serves else 0)
    last = LastRelease(
        release=release,
        before=before,
        record=outcome,
        trial=trial,
        changes=(
            Change(part="env.CACHE_SIZE", old="", new="from the configuration"),
            Change(part="resources.limits.memory", old="256Mi", new="512Mi"),
            Change(part="readinessProbe.httpGet.path", old="/health/ready", new="/ready"),
        ),
        came_up="2026-01-03T10:02:10Z" if serves else "",
    )
    return Report(
        service="shop",
        place="namespace team, stack dev, strategy canary",
        tracks=Tracks(stable=track(3 if serves else 2, 3), canary=track(3, 0)),
        last=last,
        history=[release, before, past(1, record=record("promoted", "passed 9 samples"))],
        read=datetime(2026, 1, 3, 12, 30, tzinfo=UTC),
    )


GOOD = report(record("promoted", "passed 9 samples"), trials.GOOD)
BAD = report(
    record("rolled back", "2 of 4 samples failed: 34.0 % errors, above 1 %", 61), trials.BAD, serves=False
)
INCONCLUSIVE = report(
    record("rolled back", "inconclusive, 4 samples in a row could not be judged: no data"),
    trials.INCONCLUSIVE,
    serves=False,
)
UNTRIED = report(
    record("untried", "trial SKIPPED: canary.skip is set, so this version is released untried", 0)
)
ROLLING = report(None)
UNFINISHED = replace(ROLLING, last=replace(ROLLING.last, came_up=""))
CASES = {
    "good": GOOD,
    "bad": BAD,
    "inconclusive": INCONCLUSIVE,
    "untried": UNTRIED,
    "rolling": ROLLING,
    "unfinished": UNFINISHED,
}
PAGES = {name: page(case) for name, case in CASES.items()}
