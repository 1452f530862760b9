"""docker-build's `Image`: an image built by BuildKit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from local.plugins.base import (
    UNKNOWN,
    Change,
    Context,
    Diff,
    PluginError,
    Value,
    Values,
    diff_values,
    has_unknown,
    unwrap,
)
from local.plugins.docker_auth import Registry
from local.plugins.docker_build_exports import is_missing
from local.plugins.docker_build_inputs import exports_of, is_pushed, registries_of
from local.plugins.docker_build_run import build_image
from local.plugins.docker_cli import docker
from local.plugins.docker_context import context_hash
from local.plugins.docker_reference import parse_reference
from local.plugins.docker_registry import delete_manifest
from local.plugins.inputs import fields, flag, objects, string_map, strings, text


class Image:
    """Build, compare, look up and delete images. `registries` and `host` come from the provider."""

    def __init__(self, registries: Sequence[Registry], host: str) -> None:
        self._registries = registries
        self._host = host

    def create(self, ctx: Context, inputs: Values) -> tuple[str, Values]:
        """Build the image. A preview builds it too, unless told not to or something is unknown yet."""
        outputs: Values = {**inputs, "contextHash": _context_hash(inputs)}
        if ctx.preview:
            if flag(inputs, "buildOnPreview", default=True):
                self._build_for_preview(ctx, inputs)
            return "", {**outputs, "digest": UNKNOWN, "ref": UNKNOWN}
        with docker(ctx, self._logins(inputs), self._host) as command:
            digest = build_image(ctx, command, inputs)
        return digest or ctx.name, {**outputs, "digest": digest, "ref": _ref(strings(inputs, "tags"), digest)}

    def diff(self, old_inputs: Values, old_outputs: Values, news: Values) -> Diff:
        """Every change is an update: an image is built anew, and nothing is taken away."""
        changes = diff_values(_compared(old_inputs, news), _compared(news, old_inputs))
        for index, export in enumerate(objects(news, "exports")):
            if is_missing(export):
                changes.setdefault(f"exports[{index}]", Change("update", f"exports[{index}]"))
        rebuilt_always = flag(news, "pull") and bool(exports_of(news))
        if rebuilt_always or _context_hash(news) != old_outputs.get("contextHash"):
            changes["contextHash"] = Change("update", "contextHash", input_diff=False)
        return Diff(changes=changes)

    def read(
        self, ctx: Context, id_: str, inputs: Values, state: Values
    ) -> tuple[str, Values, Values] | None:
        """Keep the tags whose registry still has the digest; without any the image is gone."""
        if not state:
            raise PluginError("an image cannot be imported: it is built and pushed by its own resource")
        digest = text(state, "digest")
        if not is_pushed(state) or not digest:
            return id_, inputs, state
        with docker(ctx, self._logins(inputs), self._host) as command:
            tags = strings(state, "tags")
            kept: list[Value] = [
                tag for tag in tags if command.remote_digest(parse_reference(tag).pinned(digest)) == digest
            ]
        if tags and not kept:
            return None
        return id_, {**inputs, "tags": kept}, {**state, "tags": kept}

    def delete(self, ctx: Context, state: Values) -> None:
        """Remove the image from the engine and, where the registry allows it, from the registry."""
        digest, registries = text(state, "digest"), self._logins(state)
        with docker(ctx, registries, self._host) as command:
            if not digest:
                if ref := text(state, "ref"):
                    command.remove_local(ref)
                return
            for repository in sorted({parse_reference(tag).repository for tag in strings(state, "tags")}):
                pinned = f"{repository}@{digest}"
                command.remove_local(pinned)
                if is_pushed(state):
                    delete_manifest(ctx, pinned, registries, command.env)

    def _build_for_preview(self, ctx: Context, inputs: Values) -> None:
        if has_unknown(dict(inputs)):
            ctx.log("warning", "not built during this preview: some inputs are not known yet")
            return
        with docker(ctx, self._logins(inputs), self._host) as command:
            build_image(ctx, command, inputs)

    def _logins(self, inputs: Values) -> list[Registry]:
        # The resource's own come last, so that they win.
        return [*self._registries, *registries_of(inputs)]


def _context_hash(inputs: Values) -> Value:
    context, dockerfile = fields(inputs, "context"), fields(inputs, "dockerfile")
    if has_unknown([inputs.get("context"), inputs.get("dockerfile")]):
        return UNKNOWN
    named = {
        name: text(entry, "location")
        for name, entry in fields(context, "named").items()
        if isinstance(entry, dict)
    }
    return context_hash(
        text(context, "location"),
        dockerfile=text(dockerfile, "location"),
        inline=text(dockerfile, "inline"),
        named=named,
    )


def _ref(tags: Sequence[str], digest: str) -> str:
    """The first tag with the digest; without a digest the first tag; empty without tags."""
    if not tags:
        return ""
    return parse_reference(tags[0]).pinned(digest) if digest else tags[0]


def _compared(inputs: Values, others: Mapping[str, Value]) -> Values:
    """The inputs that count in a comparison: passwords and secrets to be ignored do not."""
    compared: Values = {key: unwrap(value) for key, value in inputs.items()}
    if "registries" in inputs:
        compared["registries"] = [
            {key: value for key, value in entry.items() if key != "password"}
            for entry in objects(inputs, "registries")
        ]
    ignored = [
        *strings(inputs, "ignoreSecretsInDiffCalculation"),
        *strings(others, "ignoreSecretsInDiffCalculation"),
    ]
    both = string_map(inputs, "secrets").keys() & string_map(others, "secrets").keys()
    if left_out := both & set(ignored):
        compared["secrets"] = {
            key: value for key, value in fields(inputs, "secrets").items() if key not in left_out
        }
    # It changes what a diff looks at, not the image.
    compared.pop("ignoreSecretsInDiffCalculation", None)
    compared.pop("exec", None)
    return compared
