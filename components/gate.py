"""The gate between the canary track and the stable one: `python3 -m components.gate < settings.json`.

Run by a Pulumi command; needs Python, kubectl and nothing else. What happens goes to stderr line by line, the
whole record to stdout as JSON. Exits 0 where the stable track may follow, 1 where not, 130 when interrupted.
"""

import json
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from types import FrameType
from typing import Any, NoReturn

from .analysis import Limits
from .kubectl import ClusterError, Kubectl
from .naming import canary_name
from .prometheus import reached_by
from .sampling import Sampler
from .tracks import Tracks, look
from .trial import Plan, TakenBackError, Trial

INTERRUPTED = 130


class InterruptedTrialError(BaseException):
    """Somebody wants the trial to end."""


class RefusedError(Exception):
    """The gate cannot do its work here; nothing was touched."""


def untried(tracks: Tracks, settings: dict[str, Any]) -> str:
    """Why a version needs no trial; empty if it needs one."""
    if tracks.canary is None or tracks.stable is None:
        return "first release: there is no stable track to compare with, so no trial"
    if tracks.canary.template == tracks.stable.template:
        return "the stable track runs this version already: nothing to try"
    if settings["rollback"]:
        return "ROLLBACK to a release that ran before: no trial"
    if settings["skip"]:
        return "SKIPPED: canary.skip is set, so this version goes to everybody untried"
    if not tracks.stable.ready:
        return "no stable pod is ready: there is nothing to compare with and nothing to lose, so no trial"
    return ""


def checked(tracks: Tracks, settings: dict[str, Any]) -> dict[str, str]:
    """The canary's release. Raises RefusedError in another cluster than the one Pulumi deploys to."""
    found = tracks.canary.deployment["metadata"]["uid"] if tracks.canary else "none"
    if tracks.canary is None or found != settings["uid"]:
        raise RefusedError(
            f"kubectl reaches another cluster than Pulumi: deployment {canary_name(settings['service'])} has "
            f"uid {found} there, not {settings['uid']}; have KUBECONFIG name Pulumi's cluster"
        )
    return tracks.canary.release


def main() -> int:
    settings: dict[str, Any] = json.load(sys.stdin)
    began = time.monotonic()
    cluster = Kubectl(namespace=settings["namespace"], say=say)
    trial = made(settings, cluster)
    _end_early_on_signals()

    def keep(record: str) -> None:
        # The cluster copies it to the ReplicaSet of the release, which is the history.
        cluster.annotate("deployment", canary_name(settings["service"]), record=record)

    code, verdict, release = 0, "promoted", {}
    try:
        tracks = look(cluster, settings["service"])
        release = checked(tracks, settings)
        if reason := untried(tracks, settings):
            say(reason)
            verdict = "untried"
        else:
            keep(json.dumps({"verdict": "under way or cut off", "reason": "", "release": release}))
            trial.run()
            reason = f"passed {trial.judged} samples"
            say(f"{reason}; the stable track follows")
    except TakenBackError as error:
        code, verdict, reason = 1, "taken back", str(error)
        say(f"TAKEN BACK: {reason}")
        say("the canary is scaled to 0, and the stable track serves on as it was")
    except InterruptedTrialError as error:
        code, verdict, reason = INTERRUPTED, "interrupted", str(error)
        with suppress(InterruptedTrialError):
            say(f"INTERRUPTED: {reason}; the canary is scaled to 0, and the stable track serves on as it was")
    except (ClusterError, RefusedError) as error:
        say(f"error: {error}")
        return 1
    record = {
        "verdict": verdict,
        "reason": reason,
        "release": release,
        "seconds": round(time.monotonic() - began),
        "samples": [asdict(sample) | asdict(said) for sample, said in trial.samples],
    }
    text = json.dumps(record, allow_nan=False)
    keep(text)
    if not code:
        sys.stdout.write(text + "\n")
    return code


def made(settings: dict[str, Any], cluster: Kubectl) -> Trial:
    """The trial the settings ask for, not begun."""
    plan = settings["plan"] | {"steps": tuple(settings["plan"]["steps"])}
    plan["limits"] = Limits(**plan["limits"])
    sampler = Sampler(
        ask=reached_by(settings["prometheus"]),
        namespace=cluster.namespace,
        seconds=plan["interval"],
        queries=settings["queries"],
    )
    return Trial(
        service=settings["service"],
        plan=Plan(**plan),
        cluster=cluster,
        sampler=sampler,
        say=say,
        sleep=Sleep(),
    )


class Sleep:
    """Sleeps; ends the trial when whoever started it has gone, and can read no verdict."""

    def __init__(self) -> None:
        self._parent = os.getppid()

    def __call__(self, seconds: float) -> None:
        if os.getppid() != self._parent:
            raise InterruptedTrialError("the update that started the trial has ended")
        time.sleep(seconds)


def say(line: str) -> None:
    """One line for people. Raises InterruptedTrialError when they are gone."""
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except BrokenPipeError:
        raise InterruptedTrialError("nobody listens any more") from None


def _end_early_on_signals() -> None:
    def end(number: int, _frame: FrameType | None) -> NoReturn:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)  # what is begun in taking back is finished
        raise InterruptedTrialError(signal.Signals(number).name)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


if __name__ == "__main__":
    sys.exit(main())
