"""Runs steps that depend on each other, each as soon as what it needs is there."""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
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
    """Shows what happens. Every method is called from one thread."""

    def ready(self, step: Step, detail: str) -> None: ...
    def started(self, step: Step) -> None: ...
    def progress(self, step: Step, text: str) -> None: ...
    def finished(self, step: Step, detail: str, seconds: float) -> None: ...
    def failed(self, failure: Failure, seconds: float) -> None: ...
    def tick(self) -> None: ...


Event = Callable[[Display], None]


@dataclass
class _Run:
    steps: Sequence[Step]
    events: "queue.SimpleQueue[tuple[Step, Event, bool]]" = field(default_factory=queue.SimpleQueue)
    failures: list[Failure] = field(default_factory=list[Failure])
    finished: set[str] = field(default_factory=set[str])

    def work(self, step: Step) -> None:
        start = time.monotonic()

        def tell(event: Event, last: bool = False) -> None:
            self.events.put((step, event, last))

        try:
            detail = step.done()
            if detail is not None:
                self.finished.add(step.name)
                return tell(lambda display: display.ready(step, detail), True)
            tell(lambda display: display.started(step))
            made = step.run(lambda text: tell(lambda display: display.progress(step, text)))
            self.finished.add(step.name)
            seconds = time.monotonic() - start
            return tell(lambda display: display.finished(step, made, seconds), True)
        except StoppedError:
            return tell(lambda _display: None, True)
        except Exception as error:  # noqa: BLE001 - a failed step is reported, the others go on
            why = reason(error)
            remedy = DISK_FULL if "no space left on device" in why.lower() else getattr(error, "remedy", "")
            failure = Failure(step=step, reason=why, remedy=remedy or step.remedy)
            self.failures.append(failure)
            seconds = time.monotonic() - start
            return tell(lambda display: display.failed(failure, seconds), True)


def reason(error: Exception) -> str:
    """An error in words; the kind of a Python error is named, as its text alone can be a riddle."""
    expected = type(error).__module__.startswith("local.")
    return str(error) if expected else f"{type(error).__name__}: {error}"


def run(
    steps: Sequence[Step], display: Display, stop: Callable[[], None], tick_seconds: float = 0.25
) -> list[Failure]:
    """Runs the steps, independent ones at once; what needs a failed one is not started.

    stop: ends the commands of the running steps. Returns the failures. Raises KeyboardInterrupt when that
    comes, after the running steps have been stopped and have tidied up.
    """
    check_order(steps)
    threads: list[threading.Thread] = []
    try:
        return _run(steps, display, threads, tick_seconds)
    except KeyboardInterrupt:
        stop()
        for thread in threads:
            thread.join(TIDY_SECONDS)
        raise


def _run(
    steps: Sequence[Step], display: Display, threads: list[threading.Thread], tick_seconds: float
) -> list[Failure]:
    state = _Run(steps)
    waiting = list(steps)
    running = 0
    while True:
        for step in [step for step in waiting if state.finished.issuperset(step.needs)]:
            waiting.remove(step)
            running += 1
            threads.append(threading.Thread(target=state.work, args=(step,), name=step.name, daemon=True))
            threads[-1].start()
        if not running:
            return state.failures
        try:
            _step, event, last = state.events.get(timeout=tick_seconds)
        except queue.Empty:
            display.tick()
            continue
        event(display)
        running -= last


def check_order(steps: Iterable[Step]) -> None:
    """Every step comes after those it needs, so that there is no circle and no unknown name."""
    seen: set[str] = set()
    for step in steps:
        missing = set(step.needs) - seen
        if missing:
            raise ValueError(
                f"step {step.name} needs {', '.join(sorted(missing))}, which do not come before it"
            )
        seen.add(step.name)
