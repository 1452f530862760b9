"""Runs a program for the language host, and describes its errors."""

import os
import runpy
import sys
import traceback
from asyncio import AbstractEventLoop, CancelledError, Task, all_tasks, gather
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pulumi
from pulumi.runtime import run_in_stack


def prepare(request: Any) -> Path:
    """Sets directory, import path and arguments for the program. Returns the file to run."""
    directory = Path(request.info.program_directory or request.pwd)
    os.chdir(request.pwd or directory)
    sys.path.insert(0, str(directory))
    entry = directory / (request.info.entry_point or ".")
    program = entry / "__main__.py" if entry.is_dir() else entry
    sys.argv = [str(program), *request.args]
    return program


def cancel_tasks(loop: AbstractEventLoop) -> None:
    for task in all_tasks(loop):
        task.cancel()


def run_program(program: Path, loop: AbstractEventLoop, *, threads: int) -> str | None:
    """Runs a program in an event loop, which is closed afterwards.

    Returns None on success, else the error to show; empty if the engine shows it.
    """
    loop.set_default_executor(ThreadPoolExecutor(max_workers=threads))
    # Tasks that remain after a failure are cancelled below; their errors are noise.
    loop.set_exception_handler(lambda _loop, _context: None)
    try:
        loop.run_until_complete(run_in_stack(lambda: run_main(program)))
    except BaseException as error:  # noqa: BLE001 - whatever a program raises becomes a message
        return describe(error, program)
    finally:
        left: set[Task[Any]] = all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(gather(*left, return_exceptions=True))
        loop.close()
    return None


def run_main(program: Path) -> None:
    runpy.run_path(str(program), run_name="__main__")


def describe(error: BaseException, program: Path) -> str | None:
    """Message for the exception that ended a program; None if it is not a failure."""
    match error:
        case pulumi.RunError():
            return str(error)
        case _ if is_shutdown(error):
            return ""  # the engine is shutting down after an error, which it shows
        case grpc.RpcError():
            return f"RPC error: {getattr(error, 'details', lambda: error)()}"
        case SystemExit(code=None | 0):
            return None
        case SystemExit():
            return f"the program exited with {error.code!r}"
    return f"the program failed with an unhandled exception:\n{program_traceback(error, program)}"


def is_shutdown(error: BaseException) -> bool:
    """Whether a program ended because the engine shut down or was interrupted."""
    ending = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    failed_call = isinstance(error, grpc.RpcError) and getattr(error, "code", lambda: None)() in ending
    return isinstance(error, CancelledError) or failed_call


def program_traceback(error: BaseException, program: Path) -> str:
    """The traceback from the program's first frame on; the whole one if it has no such frame."""
    frames = traceback.extract_tb(error.__traceback__)
    own = next((index for index, frame in enumerate(frames) if frame.filename == str(program)), 0)
    shown = traceback.TracebackException.from_exception(error)
    shown.stack = traceback.StackSummary.from_list(list(frames[own:]))
    return "".join(shown.format()).rstrip()
