"""The docker plugins against a real engine and a real registry."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import platform
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from local.plugins.base import UNKNOWN, Secret, Value, Values, unwrap
from tests.e2e.conftest import Embedded
from tests.e2e.plugin_process import Plugin, PluginFailure, plugin

pytestmark = pytest.mark.e2e

REGISTRY = "127.0.0.1:5000"
PLATFORMS: list[Value] = ["linux/amd64", "linux/arm64"]
MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
# The base image is of this machine's platform alone; what is built on it is for any.
DOCKERFILE = """FROM --platform=$BUILDPLATFORM {registry}/debian:bookworm-slim AS build
ARG TARGETARCH
RUN echo "for $TARGETARCH" > /out
FROM scratch
COPY --from=build /out /out
COPY a /a
"""


@pytest.fixture
def image(embedded: Embedded) -> Iterator[Plugin]:
    with plugin("docker_build", "docker-build:index:Image", embedded.env) as made:
        yield made


@pytest.fixture
def app(tmp_path: Path) -> Path:
    # Content of its own, so that no test finds its steps in the build cache of another.
    (tmp_path / "a").write_text(str(tmp_path))
    return tmp_path


def _name(app: Path, suffix: str = "") -> str:
    """A repository of this test's own."""
    return f"{REGISTRY}/plugin-{hashlib.sha256(str(app).encode()).hexdigest()[:12]}{suffix}"


def _inputs(app: Path, dockerfile: str = DOCKERFILE, **more: Value) -> Values:
    return {
        "push": True,
        "tags": [f"{_name(app)}:v1", f"{_name(app)}:latest"],
        "context": {"location": str(app)},
        "dockerfile": {"inline": dockerfile.format(registry=REGISTRY)},
        **more,
    }


def _inspect(embedded: Embedded, reference: str) -> dict[str, Any]:
    shown = embedded.run(
        "docker", "buildx", "imagetools", "inspect", reference, "--format", "{{json .Manifest}}"
    )
    return json.loads(shown.ok().output)


def test_both_platforms_are_pushed_under_one_digest_every_time(
    embedded: Embedded, image: Plugin, app: Path
) -> None:
    inputs = _inputs(app, platforms=PLATFORMS)
    id_, outputs = image.create(inputs)
    assert outputs["ref"] == f"{_name(app)}:v1@{id_}"
    assert outputs["digest"] == id_
    for tag in ("v1", "latest"):
        manifest = _inspect(embedded, f"{_name(app)}:{tag}")
        assert manifest["digest"] == id_
        assert [entry["platform"]["architecture"] for entry in manifest["manifests"]] == ["amd64", "arm64"]
    assert any(line.startswith("linux/arm64: [") for line in image.statuses)
    again, same = image.create(inputs)
    assert (again, same["contextHash"]) == (id_, outputs["contextHash"])


def test_a_change_is_seen_and_a_lost_image_is_missed(embedded: Embedded, image: Plugin, app: Path) -> None:
    inputs = image.check(_inputs(app))
    id_, state = image.create(_inputs(app))
    assert image.changes(inputs, state, _inputs(app)) == []
    (app / "a").write_text("changed\n")
    assert image.changes(inputs, state, _inputs(app)) == ["contextHash"]
    new = image.update(inputs, state, _inputs(app))
    assert new["digest"] != id_
    assert image.read(id_, inputs, new) == new
    lost: Values = {**new, "digest": "sha256:" + "0" * 64}
    assert image.read(id_, inputs, lost) is None


def test_a_preview_builds_but_pushes_nothing(embedded: Embedded, image: Plugin, app: Path) -> None:
    id_, outputs = image.create(_inputs(app), preview=True)
    assert (id_, outputs["digest"], outputs["ref"]) == ("", UNKNOWN, UNKNOWN)
    assert any("exporting" in line or "COPY" in line for line in image.statuses)
    embedded.run("docker", "buildx", "imagetools", "inspect", f"{_name(app)}:v1").failed()
    with pytest.raises(PluginFailure, match="the build failed at"):
        image.create(_inputs(app, DOCKERFILE + "COPY missing /x\n"), preview=True)


def test_secrets_reach_the_build_and_stay_secret(embedded: Embedded, image: Plugin, app: Path) -> None:
    # A secret does not count in the build cache, so the step needs something of its own to run again.
    step = f"RUN --mount=type=secret,id=token sha256sum /run/secrets/token; : {uuid.uuid4()}"
    dockerfile = DOCKERFILE.replace("ARG TARGETARCH", f"{step}\nARG TARGETARCH")
    _, outputs = image.create(_inputs(app, dockerfile, secrets={"token": "hunter2"}))
    assert outputs["secrets"] == Secret({"token": "hunter2"})
    expected = hashlib.sha256(b"hunter2").hexdigest()
    assert any(expected in line for line in image.statuses)
    history = embedded.run("docker", "history", "--no-trunc", f"{_name(app)}:v1").ok().output
    assert "hunter2" not in history


def test_a_folder_per_platform(image: Plugin, app: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    exports: Value = [{"local": {"dest": str(out)}}]
    inputs: Values = {**_inputs(app), "push": False, "tags": [], "exports": exports, "platforms": PLATFORMS}
    image.create(inputs)
    assert (out / "linux_amd64" / "out").read_text() == "for amd64\n"
    assert (out / "linux_arm64" / "out").read_text() == "for arm64\n"


def test_the_index_joins_images(embedded: Embedded, image: Plugin, app: Path) -> None:
    _, first = image.create(_inputs(app, platforms=["linux/amd64"]))
    _, second = image.create(_inputs(app, platforms=["linux/arm64"], tags=[f"{_name(app)}:arm"]))
    with plugin("docker_build", "docker-build:index:Index", embedded.env) as index:
        inputs: Values = {"tag": f"{_name(app)}:joined", "sources": [first["ref"], second["ref"]]}
        id_, outputs = index.create(inputs)
        manifest = _inspect(embedded, f"{_name(app)}:joined")
        assert outputs["ref"] == f"{_name(app)}:joined@{manifest['digest']}"
        assert len(manifest["manifests"]) == 2
        assert index.read(id_, index.check(inputs), outputs) == outputs
        gone: Values = {**inputs, "tag": f"{_name(app)}:none"}
        assert index.read(id_, index.check(gone), outputs) is None


@pytest.mark.parametrize(
    ("dockerfile", "message"),
    [
        (
            DOCKERFILE.replace("RUN echo", "RUN echo first; echo last words >&2; exit 7; echo"),
            r"(?s)the build failed at \[build 2/2\] RUN echo first.*exit code: 7\n.*  last words",
        ),
        (
            "FROM {registry}/no/such:image\n",
            r"the base image \S+/no/such:image does not exist: correct the FROM",
        ),
        (
            "FROM 127.0.0.1:9/none:b\n",
            r"the base image 127.0.0.1:9/none:b cannot be pulled: the registry cannot be",
        ),
    ],
)
def test_a_failed_build_says_why(image: Plugin, app: Path, dockerfile: str, message: str) -> None:
    with pytest.raises(PluginFailure, match=message):
        image.create(_inputs(app, dockerfile))


def test_a_stage_that_is_not_there(image: Plugin, app: Path) -> None:
    with pytest.raises(PluginFailure, match="has no stage named 'none': correct target"):
        image.create(_inputs(app, target="none"))


def test_a_registry_that_is_not_there(image: Plugin, app: Path) -> None:
    with pytest.raises(
        PluginFailure, match=r"127.0.0.1:9/a:b cannot be pushed: the registry cannot be reached"
    ):
        image.create(_inputs(app, tags=["127.0.0.1:9/a:b"]))


def test_docker_not_running(embedded: Embedded, app: Path) -> None:
    env = {**embedded.env, "DOCKER_HOST": "unix:///nowhere/docker.sock"}
    with (
        plugin("docker_build", "docker-build:index:Image", env) as image,
        pytest.raises(PluginFailure, match=r"Docker is not running at unix:///nowhere/docker.sock. Start it"),
    ):
        image.create(_inputs(app))


@contextmanager
def _refusing_registry() -> Iterator[tuple[str, list[str]]]:
    """A registry that lets nobody in, and remembers how they tried."""
    tried: list[str] = []

    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            tried.append(self.headers.get("Authorization", ""))
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_POST = do_GET  # noqa: N815 - the base class looks for these

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}", tried
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("per_resource", [True, False])
def test_credentials_are_used_and_a_refusal_says_so(
    embedded: Embedded, app: Path, per_resource: bool
) -> None:
    with _refusing_registry() as (address, tried):
        login: Values = {"address": address, "username": "user", "password": "hunter2"}
        config: Values = {} if per_resource else {"registries": json.dumps([login])}
        more: Values = {"registries": [login]} if per_resource else {}
        with (
            plugin("docker_build", "docker-build:index:Image", embedded.env, config) as image,
            pytest.raises(
                PluginFailure, match=r"a:b cannot be pushed: the registry refuses access. Log in"
            ) as error,
        ):
            image.create({**_inputs(app, tags=[f"{address}/a:b"]), **more})
    assert "Basic " + base64.b64encode(b"user:hunter2").decode() in tried
    assert "hunter2" not in str(error.value)


def test_interruption_ends_the_build(image: Plugin, app: Path) -> None:
    dockerfile = DOCKERFILE.replace("RUN echo", "RUN echo waiting; sleep 60; echo")
    running = image.creating(_inputs(app, dockerfile))
    image.wait_for("waiting")
    started = time.monotonic()
    image.cancel()
    with pytest.raises(grpc.RpcError) as error:
        running.result(timeout=30)
    assert error.value.details() == "interrupted"  # pyright: ignore[reportAttributeAccessIssue]
    assert time.monotonic() - started < 15


def test_deleting_says_what_the_registry_thinks_of_it(embedded: Embedded, image: Plugin, app: Path) -> None:
    inputs = image.check(_inputs(app))
    id_, state = image.create(_inputs(app))
    image.delete(id_, inputs, state)
    gone = embedded.run("docker", "buildx", "imagetools", "inspect", str(state["ref"])).code != 0
    refused = [line for line in image.logs if "stays in its registry: " in line]
    assert gone != bool(refused), image.logs
    # Deleting twice is no error.
    image.delete(id_, inputs, state)


@pytest.mark.parametrize("builder", ["BuilderBuildKit", "BuilderV1"])
def test_pulumi_docker_builds_and_pushes(embedded: Embedded, app: Path, builder: str) -> None:
    dockerfile = app / "Dockerfile"
    dockerfile.write_text(
        f"FROM {REGISTRY}/debian:bookworm-slim AS base\nARG WHO\nRUN echo $WHO > /who\nFROM base AS other\n"
    )
    name = f"{_name(app, builder.lower())}:v1"
    build: Values = {
        "context": str(app),
        "dockerfile": str(dockerfile),
        "args": {"WHO": "me"},
        "target": "base",
        "platform": f"linux/{MACHINE}",
        "builderVersion": builder,
    }
    with plugin("docker", "docker:index/image:Image", embedded.env) as image:
        id_, outputs = image.create({"imageName": name, "build": build})
        assert (id_, outputs["imageName"], outputs["baseImageName"]) == (name, name, name)
        digest = _inspect(embedded, name)["digest"]
        assert outputs["repoDigest"] == f"{name.removesuffix(':v1')}@{digest}"
        shown = subprocess.run(
            ["docker", "run", "--rm", str(unwrap(outputs["repoDigest"])), "cat", "/who"],
            env=embedded.env,
            capture_output=True,
            text=True,
            check=True,
        )
        assert shown.stdout == "me\n"
        dockerfile.write_text(f"FROM {REGISTRY}/debian:bookworm-slim AS base\nRUN echo last words; exit 7\n")
        with pytest.raises(
            PluginFailure, match=r"(?s)the build failed at .*RUN echo last words.*  last words"
        ):
            image.create({"imageName": name, "build": build})
