"""What docker printed when it failed, turned into one message: what is wrong, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from local.plugins.docker_progress import FailedStep

_NOT_RUNNING: Final = re.compile(
    r"cannot connect to the docker daemon|failed to connect to the docker api|error during connect"
    r"|is the docker daemon running",
    re.IGNORECASE,
)
_NO_BUILDX: Final = re.compile(
    r"buildx component is missing|unknown command: docker buildx|'buildx' is not a docker command"
    r"|unknown flag: --progress|unknown shorthand flag",
    re.IGNORECASE,
)
_REFUSED: Final = re.compile(
    r"\b401\b|\b403\b|unauthorized|authentication required|no basic auth credentials|access denied"
    r"|requested access to the resource is denied|insufficient_scope|forbidden|authorization failed",
    re.IGNORECASE,
)
_UNREACHABLE: Final = re.compile(
    r"connection refused|no such host|i/o timeout|network is unreachable|no route to host|connection reset"
    r"|tls handshake timeout|server gave http response to https client|x509:|deadline exceeded"
    r"|temporary failure in name resolution|server misbehaving|certificate",
    re.IGNORECASE,
)
_NO_SPACE: Final = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)
_SYNTAX: Final = re.compile(
    r"dockerfile parse error.*|unknown instruction.*|the dockerfile .*cannot be empty", re.IGNORECASE
)
_NO_CONTEXTS: Final = re.compile(r"moby\.buildkit\.frontend\.contexts")
_NO_TARGET: Final = re.compile(r"target stage \"?(\S+?)\"? could not be found")
_NOT_FOUND: Final = re.compile(r"not found|manifest unknown|name unknown", re.IGNORECASE)
_METADATA: Final = re.compile(r"load metadata for (\S+)|resolve (?:image config|source metadata) for (\S+)")
_PUSHING: Final = re.compile(r"pushing (\S+)(?: with docker)?|pushing (?:manifest|layers)(?: for (\S+))?")
_SOLVER_WORDS: Final = re.compile(
    r"^ERROR: |failed to build: |failed to solve: |rpc error: code = \w+ desc = "
    r"|failed to solve with frontend [\w.]+: |failed to create LLB definition: "
)


def is_not_found(output: str) -> bool:
    """Tell whether docker says that a registry does not have what was asked for."""
    return _NOT_FOUND.search(output) is not None and _UNREACHABLE.search(output) is None


def explain(output: str, env: Mapping[str, str], step: FailedStep | None = None) -> str:
    """One message for a failed docker command: the cause, the failing step's last lines, the remedy."""
    reason = last_words(step.error if step else output)
    everything = "\n".join([output, *([step.error, *step.lines] if step else [])])
    cause = _engine(output, env) or _disk(everything, reason) or _dockerfile(everything)
    if cause:
        return cause
    return _explain_step(step, reason) if step else _registry(reason, "pull and push") or reason


def _engine(output: str, env: Mapping[str, str]) -> str:
    if words := _line(_NOT_RUNNING, output):
        where = env.get("DOCKER_HOST") or "its default address"
        return (
            f"Docker is not running at {where}. Start it (on most systems: sudo systemctl start docker), or "
            f"set DOCKER_HOST to an engine that runs. Docker says: {words}"
        )
    if words := _line(_NO_BUILDX, output):
        return (
            "the docker command has no buildx, which builds images. Install it "
            "(https://docs.docker.com/go/buildx/), or put docker-buildx in the cli-plugins folder of "
            f"DOCKER_CONFIG. Docker says: {words}"
        )
    return ""


def _line(pattern: re.Pattern[str], output: str) -> str:
    return next((last_words(line) for line in output.splitlines() if pattern.search(line)), "")


def _disk(everything: str, reason: str) -> str:
    if not _NO_SPACE.search(everything):
        return ""
    return (
        "no disk space is left for the build. Free some: docker system df shows what Docker uses, docker "
        f"builder prune and docker image prune remove what is unused. Docker says: {reason}"
    )


def _dockerfile(everything: str) -> str:
    if _NO_CONTEXTS.search(everything):
        return "this engine's builder is too old for named build contexts: update Docker, or leave them out"
    if syntax := _SYNTAX.search(everything):
        return f"the Dockerfile is not valid: {last_words(syntax.group(0))}"
    if target := _NO_TARGET.search(everything):
        return f"the Dockerfile has no stage named {target.group(1)!r}: correct target"
    return ""


def _explain_step(step: FailedStep, reason: str) -> str:
    if base := _METADATA.search(step.name):
        image = base.group(1) or base.group(2)
        if _NOT_FOUND.search(step.error):
            return (
                f"the base image {image} does not exist: correct the FROM line, or push the image. Docker "
                f"says: {reason}"
            )
        return f"the base image {image} cannot be pulled: " + (_registry(reason, "pull") or reason)
    if pushed := _PUSHING.search(step.name):
        image = pushed.group(1) or pushed.group(2) or "the image"
        return f"{image} cannot be pushed: " + (_registry(reason, "push") or reason)
    lines = "".join(f"\n  {line}" for line in step.lines)
    return f"the build failed at {step.name}: {reason}{lines}"


def _registry(reason: str, action: str) -> str:
    if _REFUSED.search(reason):
        return (
            "the registry refuses access. Log in (docker login), or give user name and password in "
            f"registries, with the right to {action}. It says: {reason}"
        )
    if _UNREACHABLE.search(reason):
        return (
            "the registry cannot be reached. Check its address, that it runs, and the network and proxy "
            f"settings of the Docker engine. Docker says: {reason}"
        )
    return ""


def last_words(output: str) -> str:
    """The last line that says something, without the layers of the solver's wording."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")] or lines
    return _SOLVER_WORDS.sub("", errors[-1]) if errors else "nothing"
