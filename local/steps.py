"""Runs steps that depend on each other, each as soon as what it needs is there."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Protocol

from local.process import StoppedError

Report = Callable[[str], None]

TIDY_SECONDS = 20.0
DISK_FULL = (
    "Free disk space, or put state (GOSERVICE_HOME) and cache (XDG_CACHE_HOME) elsewhere; run this again."
)


class StepError(Exception):
    """A step cannot go on; `remedy` tells the user what to do."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        self.remedy = remedy
        super().__init__(reason)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One part to bring up.

    done: one line on the part if it is up already, else None. run: brings it up, reporting how far it is, and
    returns that line. usual: seconds it takes when nothing is cached. remedy: what to do if it fails and the
    error does not say.
    """

    name: str
    title: str
    done: Callable[[], str | None]
    run: Callable[[Report], str]
    needs: tuple[str, ...] = ()
    usual: float = 0.0
    remedy: str = "Mend the cause and run the same command again; it goes on from here."


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a step failed, and what to do."""

    step: Step
    reason: str
    remedy: str


class Display(Protocol):
    """Shows what happens, as the threads of the steps tell it; `tick` comes from time to time."""

    def ready(self, step: Step, detail: str) -> None: ...
    def started(self, step: Step) -> None: ...
    def progress(self, step: Step, text: str) -> None: ...
    def finished(self, step: Step, detail: str, seconds: float) -> None: ...
    def failed(self, failure: Failure, seconds: float) -> None: ...
    def tick(self) -> None: ...


# What became of a step: its line when it is up, the failure, or None when it was stopped or not started.
Outcome = Future[str | Failure | None]


def run(
    steps: Sequence[Step], display: Display, stop: Callable[[], None], tick_seconds: float = 0.25
) -> list[Failure]:
    """Runs the steps, independent ones at once; what needs a failed one is not started.

    stop: ends the commands of the running steps. Returns the failures. Raises KeyboardInterrupt when that
    comes, after the running steps have been stopped and have tidied up.
    """
    check_order(steps)
    outcomes: dict[str, Outcome] = {}
    try:
        for step in steps:
            work = (step, [outcomes[name] for name in step.needs], display, outcome := Outcome())
            threading.Thread(target=_follow, args=work, name=step.name, daemon=True).start()
            outcomes[step.name] = outcome
        while wait(outcomes.values(), timeout=tick_seconds).not_done:
            display.tick()
    except KeyboardInterrupt:
        stop()
        wait(outcomes.values(), timeout=TIDY_SECONDS)
        raise
    results = [outcome.result() for outcome in outcomes.values()]
    return [result for result in results if isinstance(result, Failure)]


def _follow(step: Step, needs: Sequence[Outcome], display: Display, outcome: Outcome) -> None:
    try:
        can_start = all(isinstance(result, str) for result in [need.result() for need in needs])
        outcome.set_result(_work(step, display) if can_start else None)
    except BaseException as error:  # noqa: BLE001 - a display that fails is told by `run`
        outcome.set_exception(error)


def _work(step: Step, display: Display) -> str | Failure | None:
    start = time.monotonic()
    try:
        if (detail := step.done()) is not None:
            display.ready(step, detail)
            return detail
        display.started(step)
        made = step.run(lambda text: display.progress(step, text))
    except StoppedError:
        return None
    except Exception as error:  # noqa: BLE001 - a failed step is reported, the others go on
        why = reason(error)
        remedy = DISK_FULL if "no space left on device" in why.lower() else getattr(error, "remedy", "")
        failure = Failure(step=step, reason=why, remedy=remedy or step.remedy)
        display.failed(failure, time.monotonic() - start)
        return failure
    display.finished(step, made, time.monotonic() - start)
    return made


def reason(error: Exception) -> str:
    """An error in words; the kind of a Python error is named, as its text alone can be a riddle."""
    expected = type(error).__module__.startswith("local.")
    return str(error) if expected else f"{type(error).__name__}: {error}"


def check_order(steps: Iterable[Step]) -> None:
    """Every step comes after those it needs, so that there is no circle and no unknown name."""
    seen: set[str] = set()
    for step in steps:
        if missing := set(step.needs) - seen:
            named = ", ".join(sorted(missing))
            raise ValueError(f"step {step.name} needs {named}, which do not come before it")
        seen.add(step.name)
