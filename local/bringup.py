"""Brings up the embedded parts, with checks, progress, and a clean stop on Ctrl-C."""

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
def lock(path: Path) -> Iterator[None]:
    """Holds the lock file. Raises StepError with the process that holds it already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise StepError(
                f"another `up` or `down` is running (process {file.read().strip() or 'unknown'})",
                "Wait for it, or stop it.",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Turns SIGTERM into KeyboardInterrupt, like Ctrl-C. Later signals do not interrupt the cleanup."""
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
    """Runs every step that is not done. Raises StepError with all failures, KeyboardInterrupt if stopped."""
    problems = preflight.check(site.paths)
    if problems:
        raise StepError("this machine is not ready:\n" + "\n".join(map(str, problems)))
    display = StepDisplay(console)
    with display.live:
        failures = steps.run(plan.steps(site), display, site.runner.cancel)
    if failures:
        # Failures were shown in full when they happened; repeat their last lines at the end.
        ends = [f"{each.step.title}: {'; '.join(each.reason.splitlines()[-END_LINES:])}" for each in failures]
        remedies = dict.fromkeys(each.remedy for each in failures)
        kept = "What is up stays up; the next run continues from here."
        raise StepError("\n".join(ends), "\n  → ".join([*remedies, kept]))
