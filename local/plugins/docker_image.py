"""pulumi-docker's `Image`: one platform, built with `docker build`, pushed with `docker push`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from local.plugins.base import UNKNOWN, Context, PluginError, Values, has_unknown, is_secret
from local.plugins.docker_auth import Registry
from local.plugins.docker_cli import Docker, docker
from local.plugins.docker_errors import explain, last_words
from local.plugins.docker_image_inputs import context_of, dockerfile_of
from local.plugins.docker_progress import FailedStep
from local.plugins.docker_reference import parse_reference
from local.plugins.inputs import fields, flag, string_map, strings, text

_KEPT_LINES = 20  # of the classic builder's output, shown if it fails


class Image:
    """Builds and pushes. `registries` and `host` come from the provider."""

    def __init__(self, registries: Sequence[Registry], host: str) -> None:
        self._registries = registries
        self._host = host

    def apply(self, ctx: Context, inputs: Values) -> tuple[str, Values]:
        """Build, push, and return id and outputs. A preview builds only if told to, and never pushes."""
        name, build = text(inputs, "imageName"), fields(inputs, "build")
        outputs: Values = {
            "baseImageName": inputs.get("imageName"),
            "context": context_of(build),
            "dockerfile": dockerfile_of(build),
            "imageName": inputs.get("imageName"),
            "platform": build.get("platform"),
            "registryServer": text(fields(inputs, "registry"), "server"),
        }
        if ctx.preview and (not flag(inputs, "buildOnPreview") or has_unknown(dict(inputs))):
            return "", {**outputs, "repoDigest": UNKNOWN}
        with docker(ctx, self._logins(inputs), self._host) as command:
            self._build(ctx, command, inputs)
            if ctx.preview:
                return "", {**outputs, "repoDigest": UNKNOWN}
            if not flag(inputs, "skipPush"):
                outputs["repoDigest"] = _push(ctx, command, name)
        return name, outputs

    def _logins(self, inputs: Values) -> list[Registry]:
        own = fields(inputs, "registry")
        if not text(own, "username"):
            return list(self._registries)
        # Without a server it is the one the image's name begins with.
        server = text(own, "server") or parse_reference(text(inputs, "imageName")).registry
        login = Registry(address=server, username=text(own, "username"), password=text(own, "password"))
        return [*self._registries, login]

    def _build(self, ctx: Context, command: Docker, inputs: Values) -> None:
        build, env = fields(inputs, "build"), {}
        buildkit = text(build, "builderVersion", "BuilderBuildKit") == "BuilderBuildKit"
        arguments = build_arguments(inputs, env)
        if buildkit:
            output = "type=cacheonly" if ctx.preview else "type=docker"
            command.build(["--provenance=false", f"--output={output}", *arguments], env=env)
            return
        ctx.status("building with the classic builder")
        classic = Docker(ctx, {**command.env, **env, "DOCKER_BUILDKIT": "0"})
        done = classic.run(["build", *arguments], on_line=ctx.status)
        if done.code != 0:
            # It names the step it is in on stdout, and only what went wrong on stderr.
            lines = done.stdout.splitlines()
            at = next((line for line in reversed(lines) if line.startswith("Step ")), "the start")
            step = FailedStep(name=at, error=last_words(done.stderr), lines=lines[-_KEPT_LINES:])
            raise PluginError(explain(done.stderr, classic.env, step))


def build_arguments(inputs: Values, env: dict[str, str]) -> list[str]:
    """The arguments both builders take. Secret build arguments go into `env`, never on the command line."""
    build = fields(inputs, "build")
    given = string_map(build, "args")
    secret = is_secret(inputs.get("build"))
    if secret:
        env.update(given)
    pairs = [
        ("tag", [text(inputs, "imageName")]),
        ("file", [dockerfile_of(build)]),
        ("platform", [text(build, "platform")]),
        ("target", [text(build, "target")]),
        ("network", [text(build, "network")]),
        ("add-host", strings(build, "addHosts")),
        ("build-arg", list(given) if secret else [f"{key}={value}" for key, value in given.items()]),
        ("cache-from", strings(fields(build, "cacheFrom"), "images")),
    ]
    options = [f"--{name}={value}" for name, values in pairs for value in values if value]
    return [*options, str(Path(context_of(build)).absolute())]


def _push(ctx: Context, command: Docker, name: str) -> str:
    """Push and return `repository@digest`."""
    ctx.status(f"pushing {name}")
    try:
        command.checked(["push", name], on_line=ctx.status)
    except PluginError as error:
        raise PluginError(f"{name} cannot be pushed: {error}") from error
    repository = parse_reference(name).repository
    listed = command.checked(["image", "inspect", "--format", '{{join .RepoDigests " "}}', name]).split()
    for reference in listed:
        if parse_reference(reference).repository == repository:
            return reference
    raise PluginError(f"{name} was pushed, but docker knows no digest for it in {repository}")
