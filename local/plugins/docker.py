# ruff: noqa: ARG002 - the interface gives every method the whole call
"""Stands in for the docker plugin: its `Image`, over the docker command."""

from __future__ import annotations

import json
from collections.abc import Sequence

from local.plugins.base import (
    Autonaming,
    Context,
    Diff,
    Failure,
    PluginError,
    Provider,
    Values,
    serve,
)
from local.plugins.docker_auth import Registry
from local.plugins.docker_image import Image
from local.plugins.docker_image_inputs import check, diff
from local.plugins.inputs import objects, text

_IMAGE = "docker:index/image:Image"


class DockerProvider(Provider):
    """Its configuration: `host`, the engine's address, and `registryAuth`, credentials for all resources."""

    name = "docker"
    version = "5.2.0"

    def __init__(self) -> None:
        self._image = Image([], "")

    def configure(self, args: Values) -> None:
        logins = [
            Registry(
                address=text(entry, "address"),
                username=text(entry, "username"),
                password=text(entry, "password"),
            )
            for entry in objects(
                {"registryAuth": json.loads(text(args, "registryAuth", "[]"))}, "registryAuth"
            )
        ]
        self._image = Image(logins, text(args, "host"))

    def check(
        self, ctx: Context, olds: Values, news: Values, random_seed: bytes, autonaming: Autonaming | None
    ) -> tuple[Values, list[Failure]]:
        if ctx.type != _IMAGE:
            raise PluginError(f"this stand-in for docker has only Image, not {ctx.type}")
        return check(news)

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
        return self._image.apply(ctx, inputs)

    def read(self, ctx: Context, id: str, inputs: Values, state: Values) -> tuple[str, Values, Values] | None:
        # The official plugin looks nothing up either.
        return id, inputs, state

    def update(self, ctx: Context, id: str, old_inputs: Values, old_outputs: Values, news: Values) -> Values:
        return self._image.apply(ctx, news)[1]

    def delete(self, ctx: Context, id: str, old_inputs: Values, old_outputs: Values) -> None:
        """Do nothing, as the official plugin: what was pushed stays."""


if __name__ == "__main__":
    serve(DockerProvider())
