"""Runs a command in the foreground, as if the user had typed it."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType


def run(command: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> int:
    """Runs a command with this process's input and output. Returns its exit code.

    SIGINT and SIGTERM are forwarded as SIGINT; after the command has ended, KeyboardInterrupt is raised. In a
    terminal, Ctrl-C reaches the command directly.
    """
    terminal = sys.stdin.isatty()
    interrupted: list[int] = []
    child: subprocess.Popen[bytes] | None = None
    sys.stdout.flush()

    def pass_on(number: int, _frame: FrameType | None) -> None:
        interrupted.append(number)
        if child and not (terminal and number == signal.SIGINT):
            child.send_signal(signal.SIGINT)

    # Set before the command starts, because a signal may arrive right after its start.
    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        child = subprocess.Popen(command, env={**os.environ, **env}, cwd=cwd, start_new_session=not terminal)
        if interrupted:
            child.send_signal(signal.SIGINT)
        code = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if interrupted:
        raise KeyboardInterrupt
    return code
