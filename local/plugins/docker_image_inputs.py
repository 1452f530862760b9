"""The inputs of pulumi-docker's `Image`: their types, their defaults, and what is wrong with them."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from local.plugins.base import Diff, Failure, Secret, Values, diff_values, has_unknown, unwrap
from local.plugins.docker_context import context_hash
from local.plugins.docker_dockerfile import dockerfile_problem
from local.plugins.docker_reference import parse_reference
from local.plugins.inputs import ListOf, MapOf, ObjectOf, fields, flag, strings, text, type_failures

_BUILD: Final = ObjectOf(
    {
        "addHosts": ListOf("string"),
        "args": MapOf("string"),
        "builderVersion": "string",
        "cacheFrom": ObjectOf({"images": ListOf("string")}, frozenset({"images"})),
        "context": "string",
        "contextDigest": "string",
        "dockerfile": "string",
        "network": "string",
        "platform": "string",
        "target": "string",
    }
)
_TYPES: Final = ObjectOf(
    {
        "build": _BUILD,
        "buildOnPreview": "boolean",
        "imageName": "string",
        "registry": ObjectOf({"server": "string", "username": "string", "password": "string"}),
        "skipPush": "boolean",
    },
    frozenset({"imageName"}),
)
_BUILDERS: Final = ("BuilderBuildKit", "BuilderV1")
_MACHINES: Final[Mapping[str, str]] = {"x86_64": "amd64", "aarch64": "arm64"}


def check(news: Values) -> tuple[Values, list[Failure]]:
    """Fill in the defaults and the context's digest, and collect every problem."""
    failures = type_failures(dict(news), _TYPES)
    if failures:
        return news, failures
    given = news.get("build")
    build = dict(given) if isinstance(given, dict) else fields(news, "build")
    build.setdefault("platform", f"linux/{_MACHINES.get(platform.machine(), platform.machine())}")
    inputs: Values = {"buildOnPreview": False, "skipPush": False, **news, "build": build}
    if registry := fields(inputs, "registry"):
        if registry.get("password") is not None:
            registry["password"] = Secret(registry["password"])
        inputs["registry"] = registry
    failures = [*_build_failures(build), *_name_failures(inputs)]
    if not failures and not has_unknown([build.get("context"), build.get("dockerfile")]):
        build["contextDigest"] = context_hash(context_of(build), dockerfile=dockerfile_of(build))
    return inputs, failures


def diff(old_inputs: Values, news: Values) -> Diff:
    """Every change is an update; user name and password, which may be short-lived, do not count."""
    changes = diff_values(unwrap(dict(old_inputs)), unwrap(dict(news)))
    ignored = ("registry.username", "registry.password", "buildOnPreview")
    return Diff(changes={path: change for path, change in changes.items() if path not in ignored})


def context_of(build: Values) -> str:
    return text(build, "context") or "."


def dockerfile_of(build: Values) -> str:
    return text(build, "dockerfile") or str(Path(context_of(build), "Dockerfile"))


def _build_failures(build: Values) -> list[Failure]:
    failures: list[Failure] = []
    version = text(build, "builderVersion", _BUILDERS[0])
    if version not in _BUILDERS:
        failures.append(Failure("build.builderVersion", f"{version!r} must be {' or '.join(_BUILDERS)}"))
    if has_unknown([build.get("context"), build.get("dockerfile")]):
        return failures
    context, dockerfile = context_of(build), Path(dockerfile_of(build))
    if not Path(context).is_dir():
        return [*failures, Failure("build.context", f"{context!r} is not a folder")]
    try:
        problem = dockerfile_problem(dockerfile.read_text(encoding="utf-8"))
    except OSError as error:
        inside = Path(context, dockerfile)
        hint = (
            f"; it is read from the project's folder: set it to {str(inside)!r}" if inside.is_file() else ""
        )
        return [
            *failures,
            Failure("build.dockerfile", f"{dockerfile} cannot be read: {error.strerror}{hint}"),
        ]
    if problem:
        failures.append(Failure("build.dockerfile", f"{dockerfile}: {problem}"))
    return failures


def _name_failures(inputs: Values) -> list[Failure]:
    failures: list[Failure] = []
    cached = strings(fields(fields(inputs, "build"), "cacheFrom"), "images")
    named = [("imageName", text(inputs, "imageName"))]
    named += [(f"build.cacheFrom.images[{index}]", image) for index, image in enumerate(cached)]
    qualified = bool(cached) or not flag(inputs, "skipPush")
    for path, name in named:
        if not name:
            continue  # not known yet
        try:
            reference = parse_reference(name)
        except ValueError as error:
            failures.append(Failure(path, str(error)))
            continue
        if qualified and not reference.registry:
            failures.append(Failure(path, f"{name!r} must begin with its registry, such as docker.io/{name}"))
    return failures
