"""Runs child processes of the steps, which are logged and can be cancelled together."""

import io
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeVar

TAIL_LINES = 12
GRACE_SECONDS = 10.0


T = TypeVar("T")
Feed = bytes | Callable[[IO[bytes]], None]


class StoppedError(Exception):
    """The user has interrupted the run."""


class CommandError(Exception):
    """A command failed; the message has its last lines."""

    def __init__(self, command: Sequence[str], code: int, tail: str, log: Path | None) -> None:
        self.command, self.code, self.log = list(command), code, log
        where = f"\n(full log: {log})" if log else ""
        super().__init__(f"`{' '.join(command[:4])}` exited with code {code}:\n{tail}{where}")


@dataclass(kw_only=True)
class Runner:
    """Runs commands and can cancel all of them. env: variables for every command."""

    env: dict[str, str] = field(default_factory=dict[str, str])
    cancelled: threading.Event = field(default_factory=threading.Event)
    _children: set[subprocess.Popen[bytes]] = field(default_factory=set[subprocess.Popen[bytes]])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        log: Path | None = None,
        feed: Feed | None = None,
        on_line: Callable[[str], None] = lambda _line: None,
    ) -> str:
        """Runs a command and returns its output, stdout and stderr in order.

        env: additional variables. log: file to append the output to. feed: stdin, or a function that writes
        it. on_line: called with each line of output. Raises CommandError if the command fails, StoppedError
        if it was cancelled.
        """
        output: list[str] = []
        tail: deque[str] = deque(maxlen=TAIL_LINES)
        child = self._start(command, env or {}, cwd, feed is not None)
        feeder = threading.Thread(target=_feed, args=(child.stdin, feed), daemon=True)
        try:
            feeder.start()
            with _open_log(log) as file, child.stdout or io.BytesIO() as lines:
                for raw in lines:
                    line = raw.decode(errors="replace").rstrip("\r\n")
                    output.append(line)
                    if line.strip():
                        tail.append(line)
                    file.write(line + "\n")
                    on_line(line)
            code = child.wait()
            feeder.join()
        finally:
            with self._lock:
                self._children.discard(child)
        if self.cancelled.is_set():
            raise StoppedError
        if code:
            raise CommandError(command, code, "\n".join(tail) or "(no output)", log)
        return "\n".join(output)

    def wait(self, seconds: float) -> None:
        """Sleeps. Raises StoppedError as soon as the runner is cancelled."""
        if self.cancelled.wait(seconds):
            raise StoppedError

    def wait_for(self, poll: Callable[[], T], seconds: float) -> T:
        """Polls until the result is truthy, or the time is over. Returns the last result."""
        end = time.monotonic() + seconds
        while not (result := poll()) and time.monotonic() < end:
            self.wait(0.25)
        return result

    def cancel(self) -> None:
        """Stops every running command: SIGTERM to its process group, SIGKILL after GRACE_SECONDS."""
        self.cancelled.set()
        with self._lock:
            children = list(self._children)
        for child in children:
            _signal(child, signal.SIGTERM)
        for child in children:
            try:
                child.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL)

    def _start(
        self, command: Sequence[str], env: Mapping[str, str], cwd: Path | None, fed: bool
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            if self.cancelled.is_set():
                raise StoppedError
            child = subprocess.Popen(
                command,
                cwd=cwd,
                env={**os.environ, **self.env, **env},
                stdin=subprocess.PIPE if fed else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches only this process, which then stops its children
            )
            self._children.add(child)
            return child


def _feed(sink: IO[bytes] | None, feed: Feed | None) -> None:
    try:
        with sink or io.BytesIO() as stdin:
            if callable(feed):
                feed(stdin)
            else:
                stdin.write(feed or b"")
    except BrokenPipeError:
        return  # the command exited early; its exit code and output tell why


def _open_log(log: Path | None):
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
    return (log or Path(os.devnull)).open("a")


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return
