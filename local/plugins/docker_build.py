# ruff: noqa: ARG002 - the interface gives every method the whole call
"""Stands in for the docker-build plugin: `Image` and `Index`, over `docker buildx`."""

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
from local.plugins.docker_build_image import Image
from local.plugins.docker_build_index import Index
from local.plugins.docker_build_inputs import check_image, registries_of
from local.plugins.inputs import text

_IMAGE = "docker-build:index:Image"
_INDEX = "docker-build:index:Index"


class DockerBuild(Provider):
    """Its configuration: `host`, the engine's address, and `registries`, credentials for all resources."""

    name = "docker-build"
    version = "0.0.22"

    def __init__(self) -> None:
        self._image = Image([], "")
        self._index = Index([], "")

    def configure(self, args: Values) -> None:
        host = text(args, "host")
        given = json.loads(text(args, "registries", "[]"))
        registries: Sequence[Registry] = registries_of({"registries": given})
        self._image = Image(registries, host)
        self._index = Index(registries, host)

    def check(
        self, ctx: Context, olds: Values, news: Values, random_seed: bytes, autonaming: Autonaming | None
    ) -> tuple[Values, list[Failure]]:
        return check_image(news) if self._is_image(ctx) else self._index.check(news)

    def diff(  # noqa: PLR0917 - the interface's own
        self,
        ctx: Context,
        id: str,
        old_inputs: Values,
        old_outputs: Values,
        news: Values,
        ignore_changes: Sequence[str],
    ) -> Diff:
        if self._is_image(ctx):
            return self._image.diff(old_inputs, old_outputs, news)
        return self._index.diff(old_inputs, news)

    def create(self, ctx: Context, inputs: Values) -> tuple[str, Values]:
        if self._is_image(ctx):
            return self._image.create(ctx, inputs)
        return ctx.name, self._index.apply(ctx, inputs)

    def read(self, ctx: Context, id: str, inputs: Values, state: Values) -> tuple[str, Values, Values] | None:
        resource = self._image if self._is_image(ctx) else self._index
        return resource.read(ctx, id, inputs, state)

    def update(self, ctx: Context, id: str, old_inputs: Values, old_outputs: Values, news: Values) -> Values:
        if self._is_image(ctx):
            return self._image.create(ctx, news)[1]
        return self._index.apply(ctx, news)

    def delete(self, ctx: Context, id: str, old_inputs: Values, old_outputs: Values) -> None:
        resource = self._image if self._is_image(ctx) else self._index
        resource.delete(ctx, old_outputs)

    @staticmethod
    def _is_image(ctx: Context) -> bool:
        if ctx.type not in {_IMAGE, _INDEX}:
            raise PluginError(f"this stand-in for docker-build has only Image and Index, not {ctx.type}")
        return ctx.type == _IMAGE


if __name__ == "__main__":
    serve(DockerBuild())
