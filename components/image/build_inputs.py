"""Inputs of the plugins that build and tag images."""

from typing import Any

import pulumi

from ..shared import references
from .args import GoImageArgs
from .version import Version

# Tag that a build is pushed to before it gets its own: whether those are free can be asked once the digest is
# known, and the engine's own builder cannot push by digest alone.
LAST_BUILD = "last-build"


def buildkit_inputs(args: GoImageArgs, version: Version, path: str) -> dict[str, Any]:
    """Inputs of pulumi_docker_build.Image, with the Dockerfile at a path."""
    tags = (LAST_BUILD,) if version.commit_tag else version.tags
    return {
        # With `push: true` the plugin (0.0.22) never builds in previews: it takes some inputs for unknown.
        "push": False,
        "exports": [{"raw": "type=registry"}],
        "build_on_preview": args.build_on_preview,
        "context": {"location": args.context},
        "dockerfile": {"location": path},
        "build_args": _build_args(version),
        "platforms": list(args.platforms),
        "tags": list(tagged(args, tags)),
        "cache_from": [{"registry": {"ref": reference}} for reference in args.cache_from],
        "registries": registries(args),
    }


def cache_inputs(args: GoImageArgs, build: dict[str, Any]) -> dict[str, Any]:
    """Inputs of pulumi_docker_build.Image that write the cache of a build, and no image."""
    return build | {
        "build_on_preview": False,
        "tags": [],
        "exports": [{"cacheonly": {}}],
        "cache_to": [{"registry": {"ref": reference, "mode": "max"}} for reference in args.cache_to],
    }


def docker_inputs(args: GoImageArgs, version: Version, path: str) -> dict[str, Any]:
    """Inputs of pulumi_docker.Image, with the Dockerfile at a path."""
    operating_system, architecture = args.platforms[0].split("/")
    servers = [{"server": key, **login} for key, login in _logins(args).items()]
    return {
        "image_name": f"{args.repository}:{version.tags[0]}",
        "build_on_preview": args.build_on_preview,
        "build": {
            "builder_version": "BuilderV1",
            "context": args.context,
            "dockerfile": path,
            "platform": args.platforms[0],
            "args": _build_args(version) | {"TARGETOS": operating_system, "TARGETARCH": architecture},
            "cache_from": {"images": list(args.cache_from)},
        },
        "registry": servers[0] if servers else None,
    }


def tagged(args: GoImageArgs, tags: tuple[str, ...]) -> tuple[str, ...]:
    """References to tags of the repository."""
    return tuple(f"{args.repository}:{tag}" for tag in tags)


def _build_args(version: Version) -> dict[str, str]:
    return {
        "VERSION": version.name,
        "COMMIT": version.commit,
        "BUILD_TIME": version.time,
        "SOURCE_DATE_EPOCH": str(version.epoch),
    }


def registries(args: GoImageArgs) -> list[dict[str, Any]]:
    """Credentials as pulumi_docker_build takes them."""
    return [{"address": key, **login} for key, login in _logins(args).items()]


def _logins(args: GoImageArgs) -> dict[str, dict[str, Any]]:
    """Credentials by registry host; none leaves it to the Docker client's own login."""
    if not args.username:
        return {}
    found = references.parse(args.repository)
    host = found.host if found and found.host else "docker.io"
    return {host: {"username": args.username, "password": pulumi.Output.secret(args.password)}}
