# ruff: noqa: E501 - exact messages
"""Text in and out of docker: references, Dockerfiles, progress, errors."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from local.plugins.base import Values
from local.plugins.docker_build_exports import for_platform, is_image, is_push, option
from local.plugins.docker_dockerfile import dockerfile_problem
from local.plugins.docker_errors import explain, is_not_found
from local.plugins.docker_progress import FailedStep, Progress
from local.plugins.docker_reference import credentials_key, parse_reference, registry_host

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("debian", ("", "debian", "", "")),
        ("user/app:v1", ("", "user/app", "v1", "")),
        ("docker.io/library/debian:12", ("docker.io", "library/debian", "12", "")),
        ("127.0.0.1:5000/app", ("127.0.0.1:5000", "app", "", "")),
        ("localhost/app:x", ("localhost", "app", "x", "")),
        (f"r.example.com/a/b-c_d:v1.2@{DIGEST}", ("r.example.com", "a/b-c_d", "v1.2", DIGEST)),
    ],
)
def test_references(text: str, parts: tuple[str, ...]) -> None:
    parsed = parse_reference(text)
    assert (parsed.registry, parsed.path, parsed.tag, parsed.digest) == parts


@pytest.mark.parametrize(
    "text", ["", "App", "a b", "r.example.com/App:v1", "app:", "app@sha256:zz", "User/app"]
)
def test_bad_references(text: str) -> None:
    with pytest.raises(ValueError, match="is not an image reference"):
        parse_reference(text)


def test_pinning_and_registries() -> None:
    assert parse_reference("r.io/a:v1").pinned(DIGEST) == f"r.io/a:v1@{DIGEST}"
    assert parse_reference("r.io/a").pinned(DIGEST) == f"r.io/a:latest@{DIGEST}"
    assert registry_host("https://r.io:5000/v2/") == "r.io:5000"
    assert credentials_key("registry-1.docker.io") == "https://index.docker.io/v1/"
    assert credentials_key("ghcr.io/user/app") == "ghcr.io"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("FROM scratch\nCOPY a /a\n", ""),
        ("ARG V=1\nFROM --platform=$BUILDPLATFORM golang:$V AS build\nRUN a && \\\n  # comment\n\n  b\n", ""),
        ("FROM a\nRUN <<EOF\nnot an instruction\nEOF\nCOPY <<-'X' /x\n text\nX\n", ""),
        ("# escape=`\nFROM a\nRUN x `\n  y\n", ""),
        ("# syntax=docker/dockerfile:labs\nNEWTHING x\n", ""),
        ("from scratch\n", ""),
        ("FROM scratch\nFOO x\n", "line 2: unknown instruction: FOO"),
        ("FROM a\nRUN x \\\n  y\nCOPPY a b\n", "line 4: unknown instruction: COPPY"),
        ("FROM a b\n", "line 1: FROM takes an image, or an image AS a name: FROM a b"),
        ("RUN x\nFROM a\n", "line 1: only ARG may come before the first FROM, not RUN"),
        ("FROM a\nRUN\n", "line 2: RUN requires at least one argument"),
        ("# nothing\n", "it is empty"),
        ("ARG a\n", "it has no FROM"),
    ],
)
def test_dockerfiles(text: str, problem: str) -> None:
    assert dockerfile_problem(text) == problem


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({"local": {"dest": "out"}}, "type=local,dest=out"),
        (
            {"registry": {"ociMediaTypes": True, "names": ["r.io/a"]}},
            "type=registry,oci-mediatypes=true,name=r.io/a",
        ),
        ({"image": {"push": False, "annotations": {"k": "a,b"}}}, 'type=image,push=false,"annotation.k=a,b"'),
        ({"cacheonly": {}}, "type=cacheonly"),
        ({"raw": "type=oci,dest=x.tar"}, "type=oci,dest=x.tar"),
        ({"local": {"dest": "out"}, "disabled": True}, ""),
        ({"gha": {"scope": "x", "ignoreError": True}}, "type=gha,scope=x,ignore-error=true"),
    ],
)
def test_exports_and_caches(entry: Values, text: str) -> None:
    assert option(entry) == text


def test_what_an_export_is() -> None:
    assert is_push("type=registry")
    assert not is_push("type=registry,push=false")
    assert is_push("type=image,push=true")
    assert not is_push("type=local,dest=push")
    assert is_image("type=docker")
    assert not is_image("type=docker,dest=x.tar")
    assert for_platform("type=local,dest=out", "linux/arm64") == "type=local,dest=out/linux_arm64"
    assert for_platform("out", "linux/arm64") == "type=local,dest=out/linux_arm64"
    assert for_platform("type=registry", "linux/arm64") == "type=registry"


def _event(**fields: Any) -> str:
    return json.dumps(fields)


def _log(text: str) -> str:
    return _event(logs=[{"vertex": "v", "stream": 1, "data": base64.b64encode(text.encode()).decode()}])


def test_progress_shows_steps_and_their_output_and_keeps_the_failing_steps_end() -> None:
    shown: list[str] = []
    progress = Progress(shown.append, "linux/amd64: ")
    progress.line(_event(vertexes=[{"digest": "v", "name": "[build 2/3] RUN  go build", "started": "now"}]))
    progress.line(_log("par"))
    progress.line(_log("tial\n10%\r100%\nlast words"))
    progress.line(_event(vertexes=[{"digest": "w", "name": "other", "error": "context canceled"}]))
    progress.line(
        _event(vertexes=[{"digest": "v", "name": "[build 2/3] RUN go build", "error": "exit code: 1"}])
    )
    progress.line("ERROR: failed to build: exit code: 1")
    assert shown == [
        "linux/amd64: [build 2/3] RUN go build",
        "linux/amd64: [build 2/3] partial",
        "linux/amd64: [build 2/3] 100%",
    ]
    assert progress.failed == FailedStep(
        name="[build 2/3] RUN go build", error="exit code: 1", lines=["partial", "100%", "last words"]
    )
    assert progress.messages == ["ERROR: failed to build: exit code: 1"]


def test_only_the_last_lines_of_a_step_are_kept() -> None:
    progress = Progress(lambda _: None)
    progress.line(_log("".join(f"{n}\n" for n in range(100))))
    progress.line(_event(vertexes=[{"digest": "v", "name": "x", "error": "bad"}]))
    assert progress.failed is not None
    assert progress.failed.lines == [str(n) for n in range(80, 100)]


SOLVE = "ERROR: failed to build: failed to solve: "
FRONTEND = "rpc error: code = Unknown desc = failed to solve with frontend dockerfile.v0: failed to create LLB definition: "


@pytest.mark.parametrize(
    ("output", "step", "expected"),
    [
        (
            "ERROR: failed to connect to the docker API at unix:///x.sock; check if the path is correct",
            None,
            "Docker is not running at unix:///x.sock. Start it (on most systems: sudo systemctl start docker), or "
            "set DOCKER_HOST to an engine that runs. Docker says: failed to connect to the docker API at "
            "unix:///x.sock; check if the path is correct",
        ),
        (
            "unknown flag: --progress",
            None,
            "the docker command has no buildx, which builds images. Install it "
            "(https://docs.docker.com/go/buildx/), or put docker-buildx in the cli-plugins folder of "
            "DOCKER_CONFIG. Docker says: unknown flag: --progress",
        ),
        (
            SOLVE + FRONTEND + "dockerfile parse error line 2: unknown instruction: FOO",
            None,
            "the Dockerfile is not valid: dockerfile parse error line 2: unknown instruction: FOO",
        ),
        (
            SOLVE + FRONTEND + "target stage nope could not be found",
            None,
            "the Dockerfile has no stage named 'nope': correct target",
        ),
        (
            SOLVE + "executor failed running [x]: exit code: 7",
            FailedStep(
                name="[2/2] RUN x", error="executor failed running [x]: exit code: 7", lines=["a", "b"]
            ),
            "the build failed at [2/2] RUN x: executor failed running [x]: exit code: 7\n  a\n  b",
        ),
        (
            SOLVE + FRONTEND + "r.io/nope:1: not found",
            FailedStep(
                name="[internal] load metadata for r.io/nope:1", error="r.io/nope:1: not found", lines=[]
            ),
            "the base image r.io/nope:1 does not exist: correct the FROM line, or push the image. Docker says: "
            "r.io/nope:1: not found",
        ),
        (
            SOLVE,
            FailedStep(
                name="[internal] load metadata for r.io/a:1",
                error="dial tcp: lookup r.io: no such host",
                lines=[],
            ),
            "the base image r.io/a:1 cannot be pulled: the registry cannot be reached. Check its address, that it "
            "runs, and the network and proxy settings of the Docker engine. Docker says: dial tcp: lookup r.io: no "
            "such host",
        ),
        (
            SOLVE,
            FailedStep(
                name="pushing r.io/a:1 with docker", error="unauthorized: authentication required", lines=[]
            ),
            "r.io/a:1 cannot be pushed: the registry refuses access. Log in (docker login), or give user name and "
            "password in registries, with the right to push. It says: unauthorized: authentication required",
        ),
        (
            SOLVE,
            FailedStep(name="[3/3] COPY . .", error="write /x: no space left on device", lines=[]),
            "no disk space is left for the build. Free some: docker system df shows what Docker uses, docker "
            "builder prune and docker image prune remove what is unused. Docker says: write /x: no space left on "
            "device",
        ),
        (
            SOLVE + "unsupported frontend capability moby.buildkit.frontend.contexts",
            None,
            "this engine's builder is too old for named build contexts: update Docker, or leave them out",
        ),
        ("ERROR: something else", None, "something else"),
        ("", None, "nothing"),
    ],
)
def test_errors(output: str, step: FailedStep | None, expected: str) -> None:
    assert explain(output, {"DOCKER_HOST": "unix:///x.sock"}, step) == expected


def test_what_a_registry_does_not_have_is_told_from_a_registry_that_is_not_there() -> None:
    assert is_not_found("ERROR: r.io/a:none: not found")
    assert not is_not_found('ERROR: failed to do request: Head "https://r.io/v2/": no such host')
    assert not is_not_found("ERROR: 401 Unauthorized")
