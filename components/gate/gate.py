"""The gate between the canary track and the stable one: a trial, its record and an exit code.

It needs Python, kubectl and nothing else. Reads a TrialRequest from standard input, writes lines for people
to standard error, and after a pass the record with its samples to standard output as JSON. Exits with 0 if
the stable track may follow, 1 if not, 130 when interrupted.
"""

import json
import signal
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial

from ..analysis import Finding, Sampler, preflight, reached_by
from ..cluster import (
    ClusterError,
    Kubectl,
    PastRelease,
    Record,
    Tracks,
    Verdict,
    find_history,
    find_tracks,
    has_run_before,
    require_same_cluster,
)
from ..shared import canary_name
from .interruption import SIGNALS, InterruptedTrialError, WatchfulSleep, interrupt, say
from .request import TrialRequest, parse_request
from .saving import LET_FOLLOW, save, without_infinities
from .trial.errors import FailedTrialError, NotStartedError, OvertakenError
from .trial.means import Means
from .trial.trial import Trial

INTERRUPTED = 130


def main() -> int:
    """Runs the gate. Returns the exit code."""
    request = parse_request(sys.stdin.read())
    began = time.monotonic()
    cluster = Kubectl(namespace=request.namespace, cluster=request.cluster, say=say)
    trial = build_trial(
        request, cluster, sleep=WatchfulSleep(), clock=time.monotonic, wall=partial(datetime.now, UTC)
    )
    for number in SIGNALS:
        signal.signal(number, lambda number, _frame: interrupt(signal.Signals(number).name))
    try:
        require_same_cluster(cluster, "Deployment", canary_name(request.service), request.uid)
        tracks = find_tracks(cluster, request.service)
        if tracks.canary is None:
            raise ClusterError(f"there is no Deployment {canary_name(request.service)}")
        history = find_history(cluster, request.service) or []
        skipped = reason_for_no_trial(tracks, request, history)
        if skipped:
            say(skipped)
            verdict, reason = "untried", skipped
        else:
            verdict, reason = run_trial(trial, tracks.stable.release.name if tracks.stable else "")
        seconds = round(time.monotonic() - began)
        record = Record(verdict=verdict, reason=reason, release=tracks.canary.release, seconds=seconds)
        trial.timeline.step(record.text)
        points = None if skipped else trial.timeline.points
        save(record, points, cluster=cluster, tracks=tracks, history=history, service=request.service)
    except ClusterError as error:
        say(f"error: {error}")
        for line in what_is_left(trial, request):
            say(line)
        return 1
    except InterruptedTrialError as error:
        say(f"INTERRUPTED: {error}")
        return INTERRUPTED
    if verdict in LET_FOLLOW:
        samples = [asdict(sample) | asdict(judgement) for sample, judgement in trial.samples]
        output = without_infinities(asdict(record) | {"samples": samples})
        sys.stdout.write(json.dumps(output, allow_nan=False) + "\n")
        return 0
    return INTERRUPTED if verdict == "interrupted" else 1


def build_trial(
    request: TrialRequest,
    cluster: Kubectl,
    *,
    sleep: Callable[[float], None],
    clock: Callable[[], float],
    wall: Callable[[], datetime],
) -> Trial:
    """The trial of a request, not begun."""
    ask = reached_by(request.prometheus, cluster.cluster)
    limit = request.plan.limits.max_p99_milliseconds
    sampler = Sampler(
        ask=ask,
        metrics=request.metrics,
        namespace=request.namespace,
        seconds=request.plan.interval,
        queries=request.queries,
        limit_milliseconds=limit,
    )

    def check(stable: Collection[str]) -> list[Finding]:
        return preflight(
            ask,
            metrics=request.metrics,
            namespace=request.namespace,
            pods=stable,
            interval=request.plan.interval,
            limit_milliseconds=limit,
            queries=request.queries,
        )

    means = Means(
        service=request.service,
        plan=request.plan,
        cluster=cluster,
        sampler=sampler,
        check=check,
        say=say,
        sleep=sleep,
        clock=clock,
        wall=wall,
    )
    return Trial(means)


def reason_for_no_trial(tracks: Tracks, request: TrialRequest, history: list[PastRelease]) -> str:
    """Why a version needs no trial; empty if it needs one."""
    if tracks.canary is None or tracks.stable is None:
        return "trial skipped: first release, so there is no baseline"
    if tracks.canary.template == tracks.stable.template:
        return "trial skipped: the stable track runs this version already"
    release = tracks.canary.release
    if release.image != tracks.stable.release.image and has_run_before(history, release.image):
        return f"trial skipped: ROLLBACK to {release.name}, which ran on the stable track before"
    if request.skip:
        return "trial SKIPPED: canary.skip is set, so this version is released untried"
    if not tracks.stable.ready:
        return "trial skipped: no stable pod is ready, so there is no baseline"
    return ""


def run_trial(trial: Trial, stable: str) -> tuple[Verdict, str]:
    """Runs a trial to its end and says how it ended. Returns the verdict and its reason.

    stable: name of the release on the stable track.
    """
    try:
        trial.run()
    except OvertakenError as error:
        say(f"ENDED: {error}")
        return "overtaken", str(error)
    except NotStartedError as error:
        for line in error.lines:
            say(f"NOT STARTED: {line}")
        say(f"the canary stays at 0, and the stable track still serves {stable}")
        return "not started", str(error)
    except FailedTrialError as error:
        first, *more = error.lines
        for line in (f"ROLLED BACK: {first}", *more):
            say(line)
        say(f"the canary is scaled to 0, and the stable track still serves {stable}")
        return "rolled back", str(error)
    except InterruptedTrialError as error:
        trial.end()  # which may be what was interrupted
        say(f"INTERRUPTED: {error}; the canary is scaled to 0, and the stable track still serves {stable}")
        return "interrupted", str(error)
    reason = f"passed {trial.measured} samples"
    last = trial.samples[-1][1]
    # An undecided trial ends after twice its samples, and what remains open is part of the record.
    reason += f" ({last.note})" if last.undecided and last.note else ""
    say(f"{reason}; the stable track follows")
    return "promoted", reason


def what_is_left(trial: Trial, request: TrialRequest) -> list[str]:
    """What an error of the cluster has left behind, and how to clear it; empty if nothing is left."""
    failed = [f"the trial had failed before: {trial.failure}"] if trial.failure else []
    if not trial.exposure:
        return failed
    context = f"--context {request.cluster.context} " if request.cluster.context else ""
    place = f"{context}--namespace {request.namespace}"
    scale = f"scale deployment/{canary_name(request.service)} --replicas=0"
    return [
        *failed,
        f"canary pods may still serve up to {trial.exposure} % of the requests; once the API server answers, "
        f"clear them with `kubectl {place} {scale}`",
    ]
