"""How a trial is interrupted: by a signal, or because whoever started it has gone."""

import os
import signal
import sys
import time
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class InterruptedTrialError(BaseException):
    """The trial has to end; why."""


class WatchfulSleep:
    """Sleeps, and interrupts the trial if the process that started it has gone."""

    def __init__(self) -> None:
        self._parent = os.getppid()

    def __call__(self, seconds: float) -> None:
        if os.getppid() != self._parent:
            interrupt("the update that started the trial has ended")
        time.sleep(seconds)


def say(line: str) -> None:
    """Writes one line to standard error. Raises InterruptedTrialError if nobody reads it any more."""
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
        interrupt("nobody reads its output any more")


def interrupt(why: str) -> NoReturn:
    """Raises InterruptedTrialError. Later signals are ignored, so that tidying up is not interrupted."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise InterruptedTrialError(why)
