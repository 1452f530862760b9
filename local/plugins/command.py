# ruff: noqa: ARG002, PLC0415 - the interface gives the whole call; SSH is loaded by those who need it
"""Stands in for the command plugin: `local.Command`, `local.run`, `remote.Command`, `remote.CopyToRemote`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from local.plugins.base import (
    Autonaming,
    Context,
    Diff,
    Failure,
    PluginError,
    Provider,
    Value,
    Values,
    serve,
    unwrap,
)
from local.plugins.command_inputs import COPY, LOCAL, REMOTE, RUN, check, diff, logging_failures
from local.plugins.command_local import run_local
from local.plugins.command_output import preview_outputs
from local.plugins.inputs import type_failures

_RUN_FUNCTION = "command:local:run"


class Command(Provider):
    """It has no configuration."""

    name = "command"
    version = "1.2.1"

    def check(
        self, ctx: Context, olds: Values, news: Values, random_seed: bytes, autonaming: Autonaming | None
    ) -> tuple[Values, list[Failure]]:
        if ctx.type not in {LOCAL, REMOTE, COPY}:
            raise PluginError(f"this stand-in for command has {LOCAL}, {REMOTE} and {COPY}, not {ctx.type}")
        return check(ctx.type, news)

    def diff(  # noqa: PLR0917 - the interface's own
        self,
        ctx: Context,
        id: str,
        old_inputs: Values,
        old_outputs: Values,
        news: Values,
        ignore_changes: Sequence[str],
    ) -> Diff:
        return diff(old_inputs, news)

    def create(self, ctx: Context, inputs: Values) -> tuple[str, Values]:
        id_ = f"{ctx.name}{secrets.token_hex(4)}"
        if ctx.type == COPY:
            return id_, self._copy(ctx, inputs)
        if ctx.preview:
            return "", preview_outputs(inputs)
        return id_, self._run(ctx, inputs.get("create"), inputs, {})

    def read(self, ctx: Context, id: str, inputs: Values, state: Values) -> tuple[str, Values, Values] | None:
        if not state:
            raise PluginError("a command cannot be imported: there is nothing to look up")
        return id, inputs, state

    def update(self, ctx: Context, id: str, old_inputs: Values, old_outputs: Values, news: Values) -> Values:
        if ctx.type == COPY:
            moved = any(
                unwrap(old_inputs.get(key)) != unwrap(news.get(key))
                for key in ("source", "remotePath", "triggers")
            )
            return self._copy(ctx, news) if moved else news
        if ctx.preview:
            return preview_outputs(news)
        command = news.get("create") if news.get("update") is None else news["update"]
        return self._run(ctx, command, news, old_outputs)

    def delete(self, ctx: Context, id: str, old_inputs: Values, old_outputs: Values) -> None:
        if ctx.type != COPY and old_inputs.get("delete") is not None:
            self._run(ctx, old_inputs["delete"], old_inputs, old_outputs)

    def invoke(self, ctx: Context, token: str, args: Values) -> Values | list[Failure]:
        if token != _RUN_FUNCTION:
            return super().invoke(ctx, token, args)
        failures = type_failures(dict(args), RUN) or logging_failures(args)
        return failures or run_local(ctx, args["command"], args, {})

    @staticmethod
    def _run(ctx: Context, command: Value, inputs: Values, state: Values) -> Values:
        if command is None:
            # Nothing to run: the last outputs stay.
            kept: Values = {"stdout": state.get("stdout", ""), "stderr": state.get("stderr", "")}
            return {**inputs, **kept}
        if ctx.type == LOCAL:
            return run_local(ctx, command, inputs, state)
        from local.plugins.command_remote import run_remote

        return run_remote(ctx, command, inputs, state)

    @staticmethod
    def _copy(ctx: Context, inputs: Values) -> Values:
        if not ctx.preview:
            from local.plugins.command_copy import copy_to_remote

            copy_to_remote(ctx, inputs)
        return inputs


if __name__ == "__main__":
    serve(Command())
