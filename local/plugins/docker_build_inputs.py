"""The inputs of docker-build's `Image`: their types, their defaults, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from local.plugins.base import Failure, Secret, Unknown, Values, has_unknown, unwrap
from local.plugins.docker_auth import Registry
from local.plugins.docker_build_exports import (
    CACHE_FROM_KINDS,
    CACHE_TO_KINDS,
    EXPORT_KINDS,
    is_push,
    kinds_of,
    option,
)
from local.plugins.docker_context import is_remote
from local.plugins.docker_dockerfile import dockerfile_problem
from local.plugins.docker_reference import parse_reference
from local.plugins.inputs import (
    ListOf,
    MapOf,
    ObjectOf,
    Type,
    fields,
    flag,
    items,
    objects,
    text,
    type_failures,
)

_LOCATION: Final = ObjectOf({"location": "string"}, frozenset({"location"}))
REGISTRY: Final = ObjectOf(
    {"address": "string", "username": "string", "password": "string"}, frozenset({"address"})
)
_TYPES: Final[Mapping[str, Type]] = {
    "addHosts": ListOf("string"),
    "buildArgs": MapOf("string"),
    "buildOnPreview": "boolean",
    "builder": ObjectOf({"name": "string"}),
    "cacheFrom": ListOf(ObjectOf({"disabled": "boolean", **dict.fromkeys(CACHE_FROM_KINDS, "any")})),
    "cacheTo": ListOf(ObjectOf({"disabled": "boolean", **dict.fromkeys(CACHE_TO_KINDS, "any")})),
    "context": ObjectOf({"location": "string", "named": MapOf(_LOCATION)}, frozenset({"location"})),
    "dockerfile": ObjectOf({"location": "string", "inline": "string"}),
    "exec": "boolean",
    "exports": ListOf(ObjectOf({"disabled": "boolean", **dict.fromkeys(EXPORT_KINDS, "any")})),
    "ignoreSecretsInDiffCalculation": ListOf("string"),
    "labels": MapOf("string"),
    "load": "boolean",
    "network": "string",
    "noCache": "boolean",
    "platforms": ListOf("string"),
    "pull": "boolean",
    "push": "boolean",
    "registries": ListOf(REGISTRY),
    "secrets": MapOf("string"),
    "ssh": ListOf(ObjectOf({"id": "string", "paths": ListOf("string")}, frozenset({"id"}))),
    "tags": ListOf("string"),
    "target": "string",
}
_PLATFORM: Final = re.compile(r"[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?")


def check_image(news: Values) -> tuple[Values, list[Failure]]:
    """Fill in the defaults, keep secrets secret, and collect every problem."""
    failures = type_failures(dict(news), ObjectOf(_TYPES, frozenset({"push"})))
    if failures:
        return news, failures
    inputs = _with_defaults(news)
    return inputs, [
        *_context_failures(inputs),
        *_dockerfile_failures(inputs),
        *_list_failures(inputs),
        *_tag_failures(inputs),
    ]


def registries_of(inputs: Values) -> list[Registry]:
    """The registries an image's inputs name, with their credentials."""
    return [
        Registry(
            address=text(entry, "address"), username=text(entry, "username"), password=text(entry, "password")
        )
        for entry in objects(inputs, "registries")
    ]


def exports_of(inputs: Values) -> list[str]:
    """All exports, `push` and `load` among them, as buildx takes them."""
    exports = [made for entry in objects(inputs, "exports") if (made := option(entry))]
    if flag(inputs, "push"):
        exports.append("type=registry")
    if flag(inputs, "load"):
        exports.append("type=docker")
    return exports


def is_pushed(inputs: Values) -> bool:
    """Tell whether building sends the image to a registry."""
    return any(is_push(export) for export in exports_of(inputs))


def _with_defaults(news: Values) -> Values:
    inputs: Values = {"buildOnPreview": True, "network": "default", **news}
    if isinstance(inputs.get("context"), Unknown) or has_unknown(fields(inputs, "context").get("location")):
        return _with_secrets(inputs)
    context = fields(inputs, "context")
    context["location"] = text(context, "location") or "."
    inputs["context"] = context
    dockerfile = fields(inputs, "dockerfile")
    if (
        not isinstance(inputs.get("dockerfile"), Unknown)
        and not dockerfile
        and not is_remote(text(context, "location"))
    ):
        inputs["dockerfile"] = {"location": str(Path(text(context, "location"), "Dockerfile"))}
    return _with_secrets(inputs)


def _with_secrets(inputs: Values) -> Values:
    if inputs.get("secrets") is not None:
        inputs["secrets"] = Secret(unwrap(inputs["secrets"]))
    registries = inputs.get("registries")
    if isinstance(registries, list):
        inputs["registries"] = [
            {**entry, "password": Secret(unwrap(entry["password"]))}
            if isinstance(entry, dict) and entry.get("password") is not None
            else entry
            for entry in registries
        ]
    return inputs


def _context_failures(inputs: Values) -> list[Failure]:
    context = fields(inputs, "context")
    failures: list[Failure] = []
    location = text(context, "location")
    if location and not is_remote(location) and not Path(location).is_dir():
        failures.append(Failure("context.location", f"{location!r} is neither a folder nor a URL"))
    for name, entry in fields(context, "named").items():
        path = text(entry, "location") if isinstance(entry, dict) else ""
        if path and not is_remote(path) and ":" not in path and not Path(path).is_dir():
            failures.append(Failure(f"context.named.{name}", f"{path!r} is neither a folder nor a URL"))
    return failures


def _dockerfile_failures(inputs: Values) -> list[Failure]:
    dockerfile = fields(inputs, "dockerfile")
    if dockerfile.get("location") is not None and dockerfile.get("inline") is not None:
        return [Failure("dockerfile", "takes either location or inline, not both")]
    if inline := text(dockerfile, "inline"):
        problem = dockerfile_problem(inline)
        return [Failure("dockerfile.inline", f"is not a valid Dockerfile: {problem}")] if problem else []
    location = text(dockerfile, "location")
    if not location or is_remote(location):
        return []
    try:
        problem = dockerfile_problem(Path(location).read_text(encoding="utf-8"))
    except OSError as error:
        return [Failure("dockerfile.location", f"{location} cannot be read: {error.strerror}")]
    return [Failure("dockerfile.location", f"{location}: {problem}")] if problem else []


def _list_failures(inputs: Values) -> list[Failure]:
    failures: list[Failure] = []
    for key in ("exports", "cacheFrom", "cacheTo"):
        for index, entry in enumerate(items(inputs, key)):
            if isinstance(entry, dict) and len(kinds_of(entry)) > 1:
                kinds = ", ".join(sorted(kinds_of(entry)))
                failures.append(Failure(f"{key}[{index}]", f"names {kinds}: one entry is of one kind"))
    for index, platform in enumerate(items(inputs, "platforms")):
        if isinstance(platform, str) and not _PLATFORM.fullmatch(platform):
            failures.append(
                Failure(
                    f"platforms[{index}]",
                    f"{platform!r} is not a platform such as linux/amd64 or linux/arm/v7",
                )
            )
    if (network := text(inputs, "network")) not in {"", "default", "host", "none"}:
        failures.append(Failure("network", f"{network!r} must be default, host or none"))
    return failures


def _tag_failures(inputs: Values) -> list[Failure]:
    failures: list[Failure] = []
    for index, tag in enumerate(items(inputs, "tags")):
        if isinstance(tag, str):
            try:
                parse_reference(tag)
            except ValueError as error:
                failures.append(Failure(f"tags[{index}]", str(error)))
    named = any("name=" in export for export in exports_of(inputs))
    if is_pushed(inputs) and not items(inputs, "tags") and not named and not has_unknown(inputs.get("tags")):
        failures.append(Failure("tags", "at least one tag is needed to push to a registry"))
    return failures
