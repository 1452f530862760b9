"""Brings the embedded parts up: checks, steps and their progress, and an orderly end on Ctrl-C."""

import contextlib
import fcntl
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from rich.console import Console

from local import plan, preflight, steps
from local.display import StepDisplay
from local.site import Site
from local.steps import StepError

END_LINES = 2


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds the lock file. Raises StepError naming the process that has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise StepError(
                f"another `up` or `down` is running (process {file.read().strip() or 'unknown'})",
                "Wait until it has ended, or end it.",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM ends the work as Ctrl-C does. A second one of either does not cut the tidying short."""
    numbers = (signal.SIGINT, signal.SIGTERM)

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def bring_up(site: Site, console: Console) -> None:
    """Runs every step that is not done. Raises StepError with what failed, KeyboardInterrupt when stopped."""
    problems = preflight.check(site.paths)
    if problems:
        raise StepError("this machine is not ready:\n" + "\n".join(map(str, problems)))
    display = StepDisplay(console)
    with display.live:
        failures = steps.run(plan.steps(site), display, site.runner.cancel)
    if failures:
        # All of it was shown as it happened; the end of it, once more, is where people look.
        ends = [f"{each.step.title}: {'; '.join(each.reason.splitlines()[-END_LINES:])}" for each in failures]
        remedies = dict.fromkeys(each.remedy for each in failures)
        kept = "What is up stays up; the next run goes on from here."
        raise StepError("\n".join(ends), "\n  → ".join([*remedies, kept]))
