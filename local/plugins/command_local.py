"""Runs a command on this machine."""

from __future__ import annotations

import errno
import os
import signal
from pathlib import Path
from typing import Final

from local.plugins.base import Context, PluginError, Value, Values
from local.plugins.command_globs import archive_of, find_assets
from local.plugins.command_output import Output, outputs, previous_environment
from local.plugins.inputs import string_map, strings, text
from local.plugins.processes import run

_SHELL: Final = ("/bin/sh", "-c")


def run_local(ctx: Context, command: Value, inputs: Values, state: Values) -> Values:
    """Run the command (a string, possibly secret) and return the outputs. `state` holds the last run's.

    Raises `PluginError` if it cannot be started, exits with another code than 0, or is interrupted.
    """
    folder = Path(text(inputs, "dir") or ".")
    if not folder.is_dir():
        raise PluginError(f"dir: {str(folder)!r} is not a folder")
    argv = [*(strings(inputs, "interpreter") or _SHELL), text({"command": command}, "command")]
    output = Output(ctx, inputs)
    try:
        done = run(
            argv,
            env={**os.environ, **string_map(inputs, "environment"), **previous_environment(inputs, state)},
            cancelled=ctx.cancelled,
            on_line=output.line,
            stdin=text(inputs, "stdin"),
            cwd=str(folder),
        )
    except OSError as error:
        raise PluginError(_cannot_start(argv[0], error)) from error
    if done.cancelled:
        raise PluginError(output.failure("interrupted", command))
    if done.code != 0:
        raise PluginError(output.failure(_how(done.code), command))
    more: Values = {}
    try:
        if globs := strings(inputs, "assetPaths"):
            more["assets"] = dict(find_assets(folder, globs))
        if globs := strings(inputs, "archivePaths"):
            more["archive"] = archive_of(find_assets(folder, globs))
    except ValueError as error:
        raise PluginError(f"assetPaths or archivePaths: {error}") from error
    return outputs(inputs, done.stdout.removesuffix("\n"), done.stderr.removesuffix("\n"), **more)


def _how(code: int) -> str:
    return f"exit status {code}" if code > 0 else f"signal: {signal.Signals(-code).name}"


def _cannot_start(program: str, error: OSError) -> str:
    if error.errno == errno.E2BIG:
        return (
            "the command and its environment are too long for the system. If the last run printed much, set "
            "addPreviousOutputInEnv to false"
        )
    return f"{program} cannot be started: {error.strerror}. Correct interpreter, or install it"
