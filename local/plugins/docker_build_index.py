"""docker-build's `Index`: one manifest list over images that exist already."""

from __future__ import annotations

from collections.abc import Sequence

from local.plugins.base import (
    UNKNOWN,
    Context,
    Diff,
    Failure,
    Secret,
    Values,
    diff_values,
    has_unknown,
    unwrap,
)
from local.plugins.docker_auth import Registry
from local.plugins.docker_build_inputs import REGISTRY
from local.plugins.docker_cli import docker
from local.plugins.docker_reference import parse_reference
from local.plugins.docker_registry import delete_manifest
from local.plugins.inputs import ListOf, ObjectOf, fields, flag, items, strings, text, type_failures

_TYPES = ObjectOf(
    {"tag": "string", "sources": ListOf("string"), "push": "boolean", "registry": REGISTRY},
    frozenset({"tag", "sources"}),
)


class Index:
    """Create, compare, look up and delete manifest lists."""

    def __init__(self, registries: Sequence[Registry], host: str) -> None:
        self._registries = registries
        self._host = host

    def check(self, news: Values) -> tuple[Values, list[Failure]]:
        """Fill in the defaults and check every reference."""
        failures = type_failures(dict(news), _TYPES)
        if failures:
            return news, failures
        inputs: Values = {"push": True, **news}
        if (registry := fields(inputs, "registry")) and registry.get("password") is not None:
            inputs["registry"] = {**registry, "password": Secret(registry["password"])}
        named = [("tag", unwrap(inputs["tag"]))]
        named += [(f"sources[{index}]", source) for index, source in enumerate(items(inputs, "sources"))]
        for path, reference in named:
            if isinstance(reference, str):
                try:
                    parse_reference(reference)
                except ValueError as error:
                    failures.append(Failure(path, str(error)))
        if not items(inputs, "sources") and not has_unknown(inputs["sources"]):
            failures.append(Failure("sources", "at least one image is needed"))
        return inputs, failures

    def apply(self, ctx: Context, inputs: Values) -> Values:
        """Create the list, or create it anew, and return the outputs."""
        tag, pushed = text(inputs, "tag"), flag(inputs, "push", default=True)
        if ctx.preview:
            return {**inputs, "ref": UNKNOWN}
        with docker(ctx, self._logins(inputs), self._host) as command:
            command.create_index([tag], strings(inputs, "sources"), push=pushed)
            digest = command.remote_digest(tag) if pushed else None
        return {**inputs, "ref": parse_reference(tag).pinned(digest) if digest else tag}

    def diff(self, old_inputs: Values, news: Values) -> Diff:
        """Another tag is another list; other sources are an update; a password never counts."""
        changes = diff_values(unwrap(dict(old_inputs)), unwrap(dict(news)))
        changes.pop("registry.password", None)
        for path in ("tag", "registry.address"):
            if path in changes and changes[path].kind == "update":
                changes[path] = changes[path].replacing()
        return Diff(changes=changes)

    def read(
        self, ctx: Context, id_: str, inputs: Values, state: Values
    ) -> tuple[str, Values, Values] | None:
        """Look the tag up in its registry."""
        if not flag(inputs, "push", default=True):
            return id_, inputs, state
        tag = text(inputs, "tag") or id_
        with docker(ctx, self._logins(inputs), self._host) as command:
            digest = command.remote_digest(tag)
        if digest is None:
            return None
        return id_, inputs, {**state, "ref": parse_reference(tag).pinned(digest)}

    def delete(self, ctx: Context, state: Values) -> None:
        """Remove the list from its registry, where that allows it. The images it joins stay."""
        ref = text(state, "ref")
        if not flag(state, "push", default=True) or "@" not in ref:
            return
        registries = self._logins(state)
        with docker(ctx, registries, self._host) as command:
            delete_manifest(ctx, ref, registries, command.env)

    def _logins(self, inputs: Values) -> list[Registry]:
        own = fields(inputs, "registry")
        if not own:
            return list(self._registries)
        login = Registry(
            address=text(own, "address"), username=text(own, "username"), password=text(own, "password")
        )
        return [*self._registries, login]
