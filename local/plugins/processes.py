"""Child processes whose output is read as it comes and whose whole group ends when the user interrupts."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Final, Literal, TypeAlias

Stream: TypeAlias = Literal["stdout", "stderr"]

_POLL: Final = 0.1  # seconds between looks at the process and at the cancellation
_GRACE: Final = 10.0  # seconds from SIGINT to SIGKILL


@dataclass(frozen=True, kw_only=True)
class Finished:
    """How a process ended. `code` is negative for a signal; the texts are all it printed."""

    code: int
    stdout: str
    stderr: str
    cancelled: bool


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cancelled: threading.Event,
    on_line: Callable[[Stream, str], None],
    stdin: str = "",
    cwd: str | None = None,
) -> Finished:
    """Run a program to its end and call `on_line` for every line it prints, without the line's end.

    Raises `OSError` where the program cannot be started. Once `cancelled` is set the process group gets
    SIGINT, and SIGKILL when the program has ended or ten seconds have passed.
    """
    process = subprocess.Popen(
        list(argv),
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    texts: dict[Stream, list[str]] = {"stdout": [], "stderr": []}
    lock = threading.Lock()

    def pump(stream: Stream, pipe: IO[bytes]) -> None:
        with pipe:
            for raw in pipe:
                text = raw.decode(errors="replace")
                texts[stream].append(text)
                with lock:
                    on_line(stream, text.rstrip("\r\n"))

    pipes: list[tuple[Callable[..., None], tuple[object, ...]]] = [
        (pump, ("stdout", process.stdout)),
        (pump, ("stderr", process.stderr)),
    ]
    if process.stdin is not None:
        pipes.append((_feed, (process.stdin, stdin)))
    pumps = [threading.Thread(target=target, args=args, daemon=True) for target, args in pipes]
    for thread in pumps:
        thread.start()
    was_cancelled = _wait(process, cancelled)
    for thread in pumps:
        # A child left behind in the background may keep the pipes open for ever.
        thread.join(timeout=2.0)
    return Finished(
        code=process.returncode,
        stdout="".join(texts["stdout"]),
        stderr="".join(texts["stderr"]),
        cancelled=was_cancelled,
    )


def _feed(pipe: IO[bytes], text: str) -> None:
    # A program need not read all of its input.
    with suppress(BrokenPipeError), pipe:
        pipe.write(text.encode())


def _wait(process: subprocess.Popen[bytes], cancelled: threading.Event) -> bool:
    """Wait for the end; true where it came by cancellation."""
    while True:
        try:
            process.wait(timeout=_POLL)
        except subprocess.TimeoutExpired:
            if cancelled.is_set():
                _stop(process)
                return True
        else:
            return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    _signal(process, signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_GRACE)
    # Also for those of the group that ignore SIGINT, as a shell's background jobs do.
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    # It may have ended by itself in between.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
