"""What a command prints: shown as it comes, kept for its outputs, quoted when it fails."""

from __future__ import annotations

from collections import deque
from typing import Final

from local.plugins.base import UNKNOWN, Context, Secret, Value, Values, is_secret
from local.plugins.inputs import items, text
from local.plugins.processes import Stream

_QUOTED_LINES: Final = 50
_SHOWN: Final[dict[str, frozenset[str]]] = {
    "": frozenset({"stdout", "stderr"}),
    "stdoutAndStderr": frozenset({"stdout", "stderr"}),
    "stdout": frozenset({"stdout"}),
    "stderr": frozenset({"stderr"}),
    "none": frozenset(),
}


class Output:
    """The lines of one run, both streams in the order they came."""

    def __init__(self, ctx: Context, inputs: Values) -> None:
        self._log = ctx.log
        self._shown = _SHOWN[text(inputs, "logging")]
        self._last: deque[str] = deque(maxlen=_QUOTED_LINES)

    def line(self, stream: Stream, line: str) -> None:
        """Take one line; it is shown unless `logging` leaves its stream out."""
        self._last.append(line)
        if stream in self._shown and line.strip():
            self._log("info", line)

    def failure(self, how: str, command: Value) -> str:
        """The error of a failed run: how it ended, the command unless that is secret, its last lines."""
        what = "the command, which is secret" if is_secret(command) else f'"{command}"'
        return "\n".join([f"{how}: running {what}:", *self._last])


def outputs(inputs: Values, stdout: Value, stderr: Value, **more: Value) -> Values:
    """The inputs and what came out; all of the latter is secret if any of the former is."""
    results: Values = {"stdout": stdout, "stderr": stderr, **more}
    if is_secret(dict(inputs)):
        results = {
            key: value if isinstance(value, Secret) else Secret(value) for key, value in results.items()
        }
    return {**inputs, **results}


def preview_outputs(inputs: Values) -> Values:
    """The outputs before the command has run."""
    more: Values = {}
    if items(inputs, "assetPaths"):
        more["assets"] = UNKNOWN
    if items(inputs, "archivePaths"):
        more["archive"] = UNKNOWN
    return outputs(inputs, UNKNOWN, UNKNOWN, **more)


def previous_environment(inputs: Values, state: Values) -> dict[str, str]:
    """The variables that carry the last run's output to the next, unless that is turned off."""
    if inputs.get("addPreviousOutputInEnv") is False:
        return {}
    kept = {"PULUMI_COMMAND_STDOUT": text(state, "stdout"), "PULUMI_COMMAND_STDERR": text(state, "stderr")}
    return {name: value for name, value in kept.items() if value}
