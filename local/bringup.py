"""Brings the embedded parts up: checks, steps and their progress, and an orderly end on Ctrl-C."""

import contextlib
import fcntl
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.live import Live

from local import preflight, steps
from local.display import LiveDisplay, PlainDisplay
from local.environment import variables
from local.gobuild import Builder
from local.paths import Paths
from local.plan import Plan
from local.process import Runner
from local.record import Record
from local.steps import StepError


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


def planned(paths: Paths, record: Record) -> Plan:
    """The plan over these paths, with a runner whose commands see what is up already."""
    runner = Runner(env=variables(paths, record, os.environ))
    tools = Builder(cache=paths.cache, logs=paths.logs, runner=runner)
    return Plan(paths=paths, record=record, runner=runner, tools=tools)


def bring_up(plan: Plan, console: Console) -> None:
    """Runs every step that is not done. Raises StepError with what failed, KeyboardInterrupt when stopped."""
    problems = preflight.check(plan.paths)
    if problems:
        raise StepError("this machine is not ready:\n" + "\n".join(map(str, problems)))
    failures = _run(plan, console)
    if failures:
        # Said above as it happened, and once more here, where people look.
        reasons = "\n".join(f"{failure.step.title}: {failure.reason}" for failure in failures)
        raise StepError(reasons, "What is up stays up; the next run goes on from here.")


def _run(plan: Plan, console: Console) -> list[steps.Failure]:
    if not console.is_terminal:
        return steps.run(plan.steps(), PlainDisplay(console=console), plan.runner.cancel)
    with Live(console=console, transient=True, auto_refresh=False) as live:
        return steps.run(plan.steps(), LiveDisplay(console=console, live=live), plan.runner.cancel)
