"""Building docker-build's `Image`, in one go or one platform at a time, as the builder allows."""

from __future__ import annotations

from collections.abc import Sequence

from local.plugins.base import Context, PluginError, Values
from local.plugins.docker_build_command import build_command
from local.plugins.docker_build_exports import for_platform, is_image, is_push
from local.plugins.docker_build_inputs import exports_of
from local.plugins.docker_cli import Docker
from local.plugins.docker_reference import parse_reference
from local.plugins.inputs import fields, strings, text

_DIGEST = "containerimage.digest"
_TAG_LENGTH = 128  # characters, the most a registry takes


def build_image(ctx: Context, docker: Docker, inputs: Values) -> str:
    """Build and export an image, and return its digest, empty where no image was made.

    A preview builds the same but keeps every image to itself.
    """
    platforms = strings(inputs, "platforms")
    exports = exports_of(inputs)
    if ctx.preview:
        exports = [export for export in exports if not is_image(export)]
    elif not exports:
        ctx.log(
            "warning",
            "no exports were given, so the build stays in the build cache. Set push to send the image to a "
            "registry, or give a cacheonly export to silence this warning",
        )
    tags = [] if ctx.preview else strings(inputs, "tags")
    if len(platforms) < 2 or docker.builds_many_platforms(text(fields(inputs, "builder"), "name")):
        command = build_command(inputs, platforms=platforms, exports=exports, tags=tags)
        metadata = docker.build(command.arguments, stdin=command.stdin, env=command.env)
        digest = str(metadata.get(_DIGEST, ""))
    else:
        digest = _one_by_one(docker, inputs, platforms, exports, tags)
    if any(is_push(export) for export in exports) and not digest:
        raise PluginError("the image was pushed, but docker reports no digest for it: update Docker's buildx")
    return digest


def _one_by_one(
    docker: Docker, inputs: Values, platforms: Sequence[str], exports: Sequence[str], tags: Sequence[str]
) -> str:
    """One build per platform, joined under one manifest list in every repository that is pushed to."""
    pushed = any(is_push(export) for export in exports)
    digests: list[str] = []
    for platform in platforms:
        command = build_command(
            inputs,
            platforms=[platform],
            exports=[for_platform(export, platform) for export in exports],
            tags=[platform_tag(tag, platform) for tag in tags_by_repository(tags).values()]
            if pushed
            else tags,
        )
        metadata = docker.build(
            command.arguments, stdin=command.stdin, env=command.env, prefix=f"{platform}: "
        )
        digests.append(str(metadata.get(_DIGEST, "")))
    if not pushed:
        return ""
    for repository in tags_by_repository(tags):
        wanted = [tag for tag in tags if parse_reference(tag).repository == repository]
        docker.create_index(wanted, [f"{repository}@{digest}" for digest in digests])
    return docker.remote_digest(tags[0]) or ""


def tags_by_repository(tags: Sequence[str]) -> dict[str, str]:
    """Every repository among the tags, with its first tag."""
    first: dict[str, str] = {}
    for tag in tags:
        first.setdefault(parse_reference(tag).repository, tag)
    return first


def platform_tag(tag: str, platform: str) -> str:
    """The tag under which one platform's image is pushed before it joins the manifest list."""
    reference = parse_reference(tag)
    suffix = f"-{platform.replace('/', '-')}"
    name = (reference.tag or "latest")[: _TAG_LENGTH - len(suffix)]
    return f"{reference.repository}:{name}{suffix}"
