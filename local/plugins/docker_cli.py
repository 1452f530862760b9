"""The docker commands the plugins run, each failing with one clear message."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.plugins.base import Context, PluginError
from local.plugins.docker_auth import Registry, docker_environment
from local.plugins.docker_errors import explain, is_not_found
from local.plugins.docker_progress import Progress
from local.plugins.processes import Finished, run


def _silent(_line: str) -> None:
    pass


class Docker:
    """The docker command with an environment, on behalf of one resource."""

    def __init__(self, ctx: Context, env: Mapping[str, str]) -> None:
        self._ctx = ctx
        self.env = env

    def run(
        self, arguments: Sequence[str], *, on_line: Callable[[str], None] = _silent, stdin: str = ""
    ) -> Finished:
        """Run `docker` and return how it ended, whatever its exit code.

        Raises `PluginError` where there is no docker command, or the user interrupts.
        """
        try:
            done = run(
                ["docker", *arguments],
                env=self.env,
                cancelled=self._ctx.cancelled,
                on_line=lambda _stream, line: on_line(line),
                stdin=stdin,
            )
        except FileNotFoundError as error:
            raise PluginError(
                "there is no docker command on PATH: install Docker (https://docs.docker.com/engine/install/)"
            ) from error
        if done.cancelled:
            raise PluginError("interrupted")
        return done

    def checked(self, arguments: Sequence[str], *, on_line: Callable[[str], None] = _silent) -> str:
        """Run `docker` and return what it printed on stdout."""
        done = self.run(arguments, on_line=on_line)
        if done.code != 0:
            raise PluginError(explain(done.stderr, self.env))
        return done.stdout

    def build(
        self, arguments: Sequence[str], *, stdin: str = "", env: Mapping[str, str], prefix: str = ""
    ) -> Mapping[str, Any]:
        """Run `docker buildx build` and return its metadata. `env` holds values the arguments refer to."""
        progress = Progress(self._ctx.status, prefix)
        with tempfile.TemporaryDirectory(prefix="docker-metadata-") as directory:
            metadata = Path(directory, "metadata.json")
            full = ["buildx", "build", "--progress=rawjson", f"--metadata-file={metadata}", *arguments]
            done = Docker(self._ctx, {**self.env, **env}).run(full, on_line=progress.line, stdin=stdin)
            if done.code != 0:
                output = "\n".join(progress.messages) or done.stdout
                raise PluginError(prefix + explain(output, self.env, progress.failed))
            for warning in progress.warnings:
                self._ctx.log("warning", warning)
            return json.loads(metadata.read_text()) if metadata.exists() else {}

    def builds_many_platforms(self, builder: str) -> bool:
        """Tell whether one build can be for several platforms.

        The engine's own builder can do so only on top of containerd's image store; all others can.
        """
        shown = self.checked(["buildx", "inspect", *([builder] if builder else [])])
        if not any(line.split() == ["Driver:", "docker"] for line in shown.splitlines()):
            return True
        return "io.containerd.snapshotter" in self.checked(["info", "--format", "{{json .DriverStatus}}"])

    def remote_digest(self, reference: str) -> str | None:
        """The digest of a manifest in its registry, or `None` if it is not there."""
        done = self.run(["buildx", "imagetools", "inspect", reference, "--format", "{{json .Manifest}}"])
        if done.code != 0:
            if is_not_found(done.stderr):
                return None
            raise PluginError(f"{reference}: {explain(done.stderr, self.env)}")
        return json.loads(done.stdout)["digest"]

    def create_index(self, tags: Sequence[str], sources: Sequence[str], *, push: bool = True) -> None:
        """Join images of one platform each under one manifest list."""
        self._ctx.status(f"creating the manifest list {tags[0]}")
        arguments = [part for tag in tags for part in ("--tag", tag)]
        done = self.run(
            ["buildx", "imagetools", "create", *arguments, *([] if push else ["--dry-run"]), *sources]
        )
        if done.code != 0:
            raise PluginError(
                f"the manifest list {tags[0]} cannot be created: {explain(done.stderr, self.env)}"
            )

    def remove_local(self, reference: str) -> None:
        """Remove an image from the engine. One that is not there, or still in use, stays as it is."""
        self.run(["image", "rm", "--force", reference])


@contextmanager
def docker(ctx: Context, registries: Sequence[Registry], host: str) -> Iterator[Docker]:
    """A docker command that knows the given credentials."""
    with docker_environment(registries, host) as env:
        yield Docker(ctx, env)
