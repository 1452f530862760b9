"""Runs a command on another machine."""

from __future__ import annotations

import asyncio
from typing import Final

import asyncssh

from local.plugins.base import Context, PluginError, Value, Values
from local.plugins.command_output import Output, outputs, previous_environment
from local.plugins.command_ssh import connect
from local.plugins.inputs import fields, string_map, text
from local.plugins.processes import Stream

_POLL: Final = 0.2  # seconds between looks at the cancellation
_GRACE: Final = 5.0  # seconds from SIGINT to hanging up


def run_remote(ctx: Context, command: Value, inputs: Values, state: Values) -> Values:
    """Run the command (a string, possibly secret) and return the outputs. `state` holds the last run's.

    Raises `PluginError` if the machine cannot be reached, the command exits with another code than 0, or the
    user interrupts.
    """
    return asyncio.run(_run(ctx, command, inputs, state))


async def _run(ctx: Context, command: Value, inputs: Values, state: Values) -> Values:
    environment, previous = string_map(inputs, "environment"), previous_environment(inputs, state)
    output = Output(ctx, inputs)
    async with connect(ctx, fields(inputs, "connection")) as client:
        await _check_environment(ctx, client, environment, previous)
        process = await client.create_process(
            text({"command": command}, "command"),
            env={**environment, **previous},
            encoding="utf-8",
            errors="replace",
        )
        process.stdin.write(text(inputs, "stdin"))
        process.stdin.write_eof()
        reading = [
            asyncio.create_task(_read(output, "stdout", process.stdout)),
            asyncio.create_task(_read(output, "stderr", process.stderr)),
        ]
        if interrupted := await _wait(ctx, process):
            client.abort()
            raise PluginError(output.failure(interrupted, command))
        stdout, stderr = await asyncio.gather(*reading)
    if process.exit_signal:
        raise PluginError(output.failure(f"Process was killed by SIG{process.exit_signal[0]}", command))
    if process.exit_status != 0:
        how = f"Process exited with status {process.exit_status}"
        if process.exit_status is None:
            how = "the connection broke before the command ended"
        raise PluginError(output.failure(how, command))
    return outputs(inputs, stdout.removesuffix("\n"), stderr.removesuffix("\n"))


async def _read(output: Output, stream: Stream, reader: asyncssh.SSHReader[str]) -> str:
    lines: list[str] = []
    while line := await reader.readline():
        lines.append(line)
        output.line(stream, line.rstrip("\r\n"))
    return "".join(lines)


async def _wait(ctx: Context, process: asyncssh.SSHClientProcess[str]) -> str:
    """Wait for the end. Returns how an interruption went, empty without one."""
    waiting = asyncio.create_task(process.wait_closed())
    while not waiting.done():
        await asyncio.wait([waiting], timeout=_POLL)
        if ctx.cancelled.is_set() and not waiting.done():
            process.send_signal("INT")
            await asyncio.wait([waiting], timeout=_GRACE)
            if waiting.done():
                return "interrupted"
            process.kill()
            waiting.cancel()
            # sshd takes no signals for root, nor for a forced command.
            return "interrupted, and the machine did not say that the command ended"
    return ""


async def _check_environment(
    ctx: Context, client: asyncssh.SSHClientConnection, wanted: dict[str, str], previous: dict[str, str]
) -> None:
    """Find out which variables the server takes: it drops the others without a word.

    Raises `PluginError` for one the user asked for; one of the plugin's own is only warned about.
    """
    names = {**wanted, **previous}
    if not names:
        return
    probe = await client.run(
        "env", env=dict.fromkeys(names, "1"), stdin=asyncssh.DEVNULL, encoding="utf-8", errors="replace"
    )
    if probe.exit_status != 0:
        return  # a machine without `env` cannot tell
    shown = str(probe.stdout or "").splitlines()
    dropped = [name for name in names if f"{name}=1" not in shown]
    remedy = "allow it with AcceptEnv in the server's sshd_config"
    refused = [name for name in dropped if name in wanted]
    if refused:
        raise PluginError(
            f"environment: the SSH server drops {', '.join(refused)}: {remedy}, or set it in the command"
        )
    for name in dropped:
        ctx.log("warning", f"the SSH server drops {name}: {remedy}, or set addPreviousOutputInEnv to false")
