"""The gate between the canary track and the stable one: a trial, its record and an exit code.

It needs Python, kubectl and nothing else. Reads a TrialRequest from standard input, writes lines for people
to standard error, and after a pass the record with its samples to standard output as JSON. Exits with 0 if
the stable track may follow, 1 if not, 130 when interrupted.
"""

import json
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

from ..analysis import Sampler, reached_by
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
    record_replaced,
    require_same_cluster,
    write_record,
)
from ..shared import RECORD, canary_name
from .interruption import SIGNALS, InterruptedTrialError, WatchfulSleep, interrupt, say
from .request import TrialRequest, parse_request
from .trial import FailedTrialError, OvertakenError, Trial

INTERRUPTED = 130
_EXIT_CODES: dict[Verdict, int] = {"promoted": 0, "untried": 0, "interrupted": INTERRUPTED}


def main() -> int:
    """Runs the gate. Returns the exit code."""
    request = parse_request(sys.stdin.read())
    began = time.monotonic()
    cluster = Kubectl(namespace=request.namespace, cluster=request.cluster, say=say)
    trial = build_trial(request, cluster, sleep=WatchfulSleep(), clock=time.monotonic)
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
        save(record, cluster, tracks, history, request.service)
    except ClusterError as error:
        say(f"error: {error}")
        return 1
    except InterruptedTrialError as error:
        say(f"INTERRUPTED: {error}")
        return INTERRUPTED
    code = _EXIT_CODES.get(verdict, 1)
    if code == 0:
        samples = [asdict(sample) | asdict(judgement) for sample, judgement in trial.samples]
        sys.stdout.write(json.dumps(asdict(record) | {"samples": samples}, allow_nan=False) + "\n")
    return code


def build_trial(
    request: TrialRequest, cluster: Kubectl, *, sleep: Callable[[float], None], clock: Callable[[], float]
) -> Trial:
    """The trial of a request, not begun."""
    sampler = Sampler(
        ask=reached_by(request.prometheus, cluster.cluster),
        namespace=request.namespace,
        seconds=request.plan.interval,
        queries=request.queries,
    )
    return Trial(
        service=request.service,
        plan=request.plan,
        cluster=cluster,
        sampler=sampler,
        say=say,
        sleep=sleep,
        clock=clock,
    )


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
    say(f"{reason}; the stable track follows")
    return "promoted", reason


def save(record: Record, cluster: Kubectl, tracks: Tracks, history: list[PastRelease], service: str) -> None:
    """Writes a record to the canary, and to an earlier run of the same pods once they may follow.

    A rollback is recorded with the release that it replaces, so that going forward again takes a trial.
    """
    # Without samples: an annotation has to be small, and each new ReplicaSet gets a copy.
    cluster.annotate("deployment", canary_name(service), {RECORD: record.to_json()})
    if tracks.canary is None or tracks.stable is None or _EXIT_CODES.get(record.verdict) != 0:
        return
    left = tracks.stable.release
    if left.image == record.release.image:
        return
    if record.verdict == "untried" and has_run_before(history, record.release.image):
        record_replaced(cluster, service, left, record.release.name)
    if any(past.image == record.release.image and past.was_rolled_back for past in history):
        # Not to other pods of the image, which may never have come up.
        write_record(cluster, service, record, template=tracks.canary.template)
