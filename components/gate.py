"""The gate between the canary track and the stable one: `python3 -m components.gate < settings.json`.

Run by a Pulumi command; needs Python, kubectl and nothing else. What happens goes to stderr line by line, the
whole record to stdout as JSON. Exits 0 where the stable track may follow, 1 where not, 130 when interrupted.
"""

import json
import os
import signal
import sys
import time
from dataclasses import asdict
from typing import Any, NoReturn

from .analysis import Limits
from .kubectl import Cluster, ClusterError, Kubectl
from .naming import canary_name
from .prometheus import reached_by
from .sampling import Sampler
from .tracks import Tracks, look, named
from .trial import OvertakenError, TakenBackError, Trial
from .trial_plan import Plan

INTERRUPTED = 130
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


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
            f"uid {found} there, not {settings['uid']}; have KUBECONFIG and kubernetes:context name Pulumi's"
        )
    return tracks.canary.release


def main() -> int:
    settings: dict[str, Any] = json.load(sys.stdin)
    began = time.monotonic()
    cluster = Kubectl(namespace=settings["namespace"], cluster=Cluster(**settings["cluster"]), say=say)
    trial = made(settings, cluster)
    for number in _SIGNALS:
        signal.signal(number, lambda number, _frame: interrupt(signal.Signals(number).name))
    try:
        tracks = look(cluster, settings["service"])
        release = checked(tracks, settings)
        stable = named(tracks.stable.release) if tracks.stable else ""
        code, verdict, reason = ended(trial, untried(tracks, settings), stable)
        seconds = round(time.monotonic() - began)
        record: dict[str, Any] = {
            "verdict": verdict,
            "reason": reason,
            "release": release,
            "seconds": seconds,
        }
        # Without samples: an annotation has to be small, and each new ReplicaSet gets a copy.
        cluster.annotate("deployment", canary_name(settings["service"]), record=json.dumps(record))
    except (ClusterError, RefusedError) as error:
        say(f"error: {error}")
        return 1
    except InterruptedTrialError as error:
        say(f"INTERRUPTED: {error}")
        return INTERRUPTED
    if not code:
        record["samples"] = [asdict(sample) | asdict(said) for sample, said in trial.samples]
        sys.stdout.write(json.dumps(record, allow_nan=False) + "\n")
    return code


def ended(trial: Trial, no_trial: str, stable: str) -> tuple[int, str, str]:
    """Exit code, verdict and reason of a trial, which is run unless there is a reason for none.

    stable: the version that serves.
    """
    if no_trial:
        say(no_trial)
        return 0, "untried", no_trial
    try:
        trial.run()
    except OvertakenError as error:
        say(f"ENDED: {error}")
        return 1, "overtaken", str(error)
    except TakenBackError as error:
        first, *more = error.lines
        for line in (f"TAKEN BACK: {first}", *more):
            say(line)
        say(f"the canary is scaled to 0, and the stable track serves on as it was: {stable}")
        return 1, "taken back", str(error)
    except InterruptedTrialError as error:
        trial.end()  # which may be what was interrupted
        say(f"INTERRUPTED: {error}; the canary is scaled to 0, and the stable track serves on as it was")
        return INTERRUPTED, "interrupted", str(error)
    reason = f"passed {trial.judged} samples"
    say(f"{reason}; the stable track follows")
    return 0, "promoted", reason


def made(settings: dict[str, Any], cluster: Kubectl) -> Trial:
    """The trial the settings ask for, not begun."""
    plan = settings["plan"] | {"steps": tuple(settings["plan"]["steps"])}
    plan["limits"] = Limits(**plan["limits"])
    sampler = Sampler(
        ask=reached_by(settings["prometheus"], cluster.cluster),
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
            interrupt("the update that started the trial has ended")
        time.sleep(seconds)


def say(line: str) -> None:
    """One line for people. Raises InterruptedTrialError when they are gone."""
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
        interrupt("nobody listens any more")


def interrupt(why: str) -> NoReturn:
    """Raises InterruptedTrialError, once: the taking back that follows is not interrupted again."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise InterruptedTrialError(why)


if __name__ == "__main__":
    sys.exit(main())
