"""Runs steps with dependencies, each as soon as the steps it needs are done."""

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
    """A step failed. remedy: what the user can do."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        self.remedy = remedy
        super().__init__(reason)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One part to bring up.

    done: returns one line about the part if it is up, else None. run: brings it up, reports progress and
    returns that line. usual: seconds it takes without a cache. remedy: for failures without their own.
    """

    name: str
    title: str
    done: Callable[[], str | None]
    run: Callable[[Report], str]
    needs: tuple[str, ...] = ()
    usual: float = 0.0
    remedy: str = "Fix the cause and run the same command again; it continues from here."


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A failed step, with reason and remedy."""

    step: Step
    reason: str
    remedy: str


class Display(Protocol):
    """Shows events of the steps, from several threads. `tick` is called regularly."""

    def ready(self, step: Step, detail: str) -> None: ...
    def started(self, step: Step) -> None: ...
    def progress(self, step: Step, text: str) -> None: ...
    def finished(self, step: Step, detail: str, seconds: float) -> None: ...
    def failed(self, failure: Failure, seconds: float) -> None: ...
    def tick(self) -> None: ...


# Result of a step: its line if it is up, a failure, or None if it was stopped or not started.
Outcome = Future[str | Failure | None]


def run(
    steps: Sequence[Step], display: Display, stop: Callable[[], None], tick_seconds: float = 0.25
) -> list[Failure]:
    """Runs the steps, independent ones in parallel. Steps that need a failed one are not started.

    stop: stops the commands of the running steps. Returns the failures. On KeyboardInterrupt, stops the
    running steps, waits for their cleanup and raises it again.
    """
    require_order(steps)
    outcomes: dict[str, Outcome] = {}
    try:
        for step in steps:
            work = (step, [outcomes[name] for name in step.needs], display, outcome := Outcome())
            threading.Thread(target=_run_after_needs, args=work, name=step.name, daemon=True).start()
            outcomes[step.name] = outcome
        while wait(outcomes.values(), timeout=tick_seconds).not_done:
            display.tick()
    except KeyboardInterrupt:
        stop()
        wait(outcomes.values(), timeout=TIDY_SECONDS)
        raise
    results = [outcome.result() for outcome in outcomes.values()]
    return [result for result in results if isinstance(result, Failure)]


def _run_after_needs(step: Step, needs: Sequence[Outcome], display: Display, outcome: Outcome) -> None:
    try:
        can_start = all(isinstance(result, str) for result in [need.result() for need in needs])
        outcome.set_result(_run_step(step, display) if can_start else None)
    except BaseException as error:  # noqa: BLE001 - errors of the display are raised by `run`
        outcome.set_exception(error)


def _run_step(step: Step, display: Display) -> str | Failure | None:
    start = time.monotonic()
    try:
        if (detail := step.done()) is not None:
            display.ready(step, detail)
            return detail
        display.started(step)
        made = step.run(lambda text: display.progress(step, text))
    except StoppedError:
        return None
    except Exception as error:  # noqa: BLE001 - a failed step is reported, the others continue
        why = reason(error)
        remedy = DISK_FULL if "no space left on device" in why.lower() else getattr(error, "remedy", "")
        failure = Failure(step=step, reason=why, remedy=remedy or step.remedy)
        display.failed(failure, time.monotonic() - start)
        return failure
    display.finished(step, made, time.monotonic() - start)
    return made


def reason(error: Exception) -> str:
    """Text of an error; with its type if it is not one of ours."""
    expected = type(error).__module__.startswith("local.")
    return str(error) if expected else f"{type(error).__name__}: {error}"


def require_order(steps: Iterable[Step]) -> None:
    """Raises ValueError unless every step comes after those it needs, which excludes cycles."""
    seen: set[str] = set()
    for step in steps:
        if missing := set(step.needs) - seen:
            named = ", ".join(sorted(missing))
            raise ValueError(f"step {step.name} needs {named}, which must come before it")
        seen.add(step.name)
