"""The arguments of `docker buildx build` for docker-build's `Image`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local.plugins.base import Values, is_secret
from local.plugins.docker_build_exports import option
from local.plugins.inputs import fields, flag, objects, string_map, strings, text


@dataclass(frozen=True, kw_only=True)
class BuildCommand:
    """Arguments after `docker buildx build`, the text for stdin, and the variables the arguments refer to."""

    arguments: list[str]
    stdin: str
    env: dict[str, str]


def build_command(
    inputs: Values, *, platforms: Sequence[str], exports: Sequence[str], tags: Sequence[str]
) -> BuildCommand:
    """Everything the inputs say about one build. No secret is among the arguments."""
    env: dict[str, str] = {}
    context, dockerfile = fields(inputs, "context"), fields(inputs, "dockerfile")
    inline, location = text(dockerfile, "inline"), text(dockerfile, "location")
    builder, network = text(fields(inputs, "builder"), "name"), text(inputs, "network")
    switches = [("--no-cache", "noCache"), ("--pull", "pull")]
    named = {
        name: text(entry, "location")
        for name, entry in fields(context, "named").items()
        if isinstance(entry, dict)
    }
    arguments = [
        "--provenance=false",
        *_each("builder", [builder] if builder else []),
        *_each("add-host", strings(inputs, "addHosts")),
        *_build_arguments(inputs, env),
        *_secrets(inputs, env),
        *_each("ssh", [_ssh(entry) for entry in objects(inputs, "ssh")]),
        *_each("cache-from", _options(inputs, "cacheFrom")),
        *_each("cache-to", _options(inputs, "cacheTo")),
        *_each("label", [f"{key}={value}" for key, value in sorted(string_map(inputs, "labels").items())]),
        *_each("network", [network] if network not in {"", "default"} else []),
        *(switch for switch, key in switches if flag(inputs, key)),
        *_each("platform", [",".join(platforms)] if platforms else []),
        *_each("target", [text(inputs, "target")] if text(inputs, "target") else []),
        *_each("tag", tags),
        *_each("output", exports or ["type=cacheonly"]),
        *_each("build-context", [f"{name}={path}" for name, path in named.items()]),
        *_each("file", ["-"] if inline else [_path(location)] if location else []),
        _path(text(context, "location") or "."),
    ]
    return BuildCommand(arguments=arguments, stdin=inline, env=env)


def _each(name: str, values: Sequence[str]) -> list[str]:
    return [f"--{name}={value}" for value in values]


def _build_arguments(inputs: Values, env: dict[str, str]) -> list[str]:
    given = string_map(inputs, "buildArgs")
    if not is_secret(inputs.get("buildArgs")):
        return _each("build-arg", [f"{key}={value}" for key, value in given.items()])
    # Without a value docker takes it from its own environment.
    env.update(given)
    return _each("build-arg", list(given))


def _secrets(inputs: Values, env: dict[str, str]) -> list[str]:
    arguments: list[str] = []
    for index, (name, value) in enumerate(string_map(inputs, "secrets").items()):
        variable = f"GOSERVICE_BUILD_SECRET_{index}"
        env[variable] = value
        arguments += _each("secret", [f"id={name},env={variable}"])
    return arguments


def _ssh(entry: Values) -> str:
    paths = strings(entry, "paths")
    return f"{text(entry, 'id')}={','.join(paths)}" if paths else text(entry, "id")


def _options(inputs: Values, key: str) -> list[str]:
    return [made for entry in objects(inputs, key) if (made := option(entry))]


def _path(location: str) -> str:
    """An existing path made absolute: docker takes some relative ones for repositories."""
    return str(Path(location).absolute()) if Path(location).exists() else location
