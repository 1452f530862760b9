"""The docker plugins against a real engine and a real registry."""

from __future__ import annotations

import base64
import hashlib
import http.server
import os
import platform
import re
import ssl
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Embedded
from tests.e2e.plugin_process import Plugin, PluginFailure, error_of, plugin
from tests.e2e.plugin_values import UNKNOWN, Secret, Value, Values

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
PLAIN = f"FROM {REGISTRY}/debian:bookworm-slim AS base\nCOPY a /a\n"
BUILDERS = ("BuilderBuildKit", "BuilderV1")


@pytest.fixture
def image(embedded: Embedded) -> Iterator[Plugin]:
    with plugin("docker-build", "docker-build:index:Image", embedded.env) as made:
        yield made


@pytest.fixture
def plain(embedded: Embedded) -> Iterator[Plugin]:
    with plugin("docker", "docker:index/image:Image", embedded.env) as made:
        yield made


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    folder.mkdir()
    # Content of its own, so that no test finds its steps in the build cache of another.
    (folder / "a").write_text(str(tmp_path))
    (folder / "Dockerfile").write_text(PLAIN)
    return folder


def _name(app: Path, suffix: str = "") -> str:
    """A repository of this test's own."""
    return f"{REGISTRY}/plugin-{hashlib.sha256(str(app).encode()).hexdigest()[:12]}{suffix}"


def _inputs(app: Path, dockerfile: str = DOCKERFILE, **more: Value) -> Values:
    """Inputs of docker-build's Image."""
    return {
        "push": True,
        "tags": [f"{_name(app)}:v1", f"{_name(app)}:latest"],
        "context": {"location": str(app)},
        "dockerfile": {"inline": dockerfile.format(registry=REGISTRY)},
        **more,
    }


def _plain(app: Path, build: Values | None = None, **more: Value) -> Values:
    """Inputs of docker's Image."""
    common: Values = {"context": str(app), "platform": f"linux/{MACHINE}"}
    return {"imageName": f"{_name(app)}:v1", "build": common | (build or {}), **more}


def _manifest(embedded: Embedded, reference: str) -> httpx.Response:
    """What the registry answers. Buildx takes any registry on a loopback address for plain HTTP."""
    host, name, tag = re.fullmatch(r"([^/]+)/(.+):([^:]+)", reference).groups()  # type: ignore[union-attr]
    kinds = ("oci.image.index.v1", "oci.image.manifest.v1", "docker.distribution.manifest.v2")
    return httpx.get(
        f"https://{host}/v2/{name}/manifests/{tag}",
        headers={"Accept": ", ".join(f"application/vnd.{kind}+json" for kind in kinds)},
        verify=ssl.create_default_context(cafile=embedded.env.get("SSL_CERT_FILE")),
        timeout=30,
    )


def _digest(embedded: Embedded, reference: str) -> str:
    return _manifest(embedded, reference).raise_for_status().headers["Docker-Content-Digest"]


def test_both_platforms_are_pushed_under_one_digest_every_time(
    embedded: Embedded, image: Plugin, app: Path
) -> None:
    inputs = _inputs(app, platforms=PLATFORMS)
    id_, outputs = image.create(inputs)
    assert outputs["ref"] == f"{_name(app)}:v1@{id_}"
    assert outputs["digest"] == id_
    for tag in ("v1", "latest"):
        assert _digest(embedded, f"{_name(app)}:{tag}") == id_
        entries = _manifest(embedded, f"{_name(app)}:{tag}").json()["manifests"]
        built = [entry["platform"]["architecture"] for entry in entries]
        assert [name for name in built if name != "unknown"] == ["amd64", "arm64"]
    again, same = image.create(inputs)
    assert (again, same["contextHash"]) == (id_, outputs["contextHash"])


def test_a_change_is_seen_and_a_lost_image_is_missed(embedded: Embedded, image: Plugin, app: Path) -> None:
    inputs = image.check(_inputs(app))
    id_, state = image.create(_inputs(app))
    assert image.changes(inputs, state, _inputs(app)) == {}
    (app / "a").write_text("changed\n")
    assert image.changes(inputs, state, _inputs(app)) == {"contextHash": "UPDATE"}
    new = image.update(inputs, state, _inputs(app))
    assert new["digest"] != id_
    assert image.read(id_, inputs, new) == new
    lost: Values = {**new, "digest": "sha256:" + "0" * 64}
    assert image.read(id_, inputs, lost) is None


def test_a_preview_pushes_nothing(embedded: Embedded, image: Plugin, app: Path) -> None:
    _, outputs = image.create(_inputs(app), preview=True)
    assert (outputs["digest"], outputs["ref"]) == (UNKNOWN, UNKNOWN)
    assert _manifest(embedded, f"{_name(app)}:v1").status_code == httpx.codes.NOT_FOUND


def test_secrets_reach_the_build_and_stay_secret(embedded: Embedded, image: Plugin, app: Path) -> None:
    # A secret does not count in the build cache, so the step needs something of its own to run again.
    step = f"RUN --mount=type=secret,id=token sha256sum /run/secrets/token; : {uuid.uuid4()}"
    dockerfile = DOCKERFILE.replace("ARG TARGETARCH", f"{step}\nARG TARGETARCH")
    _, outputs = image.create(_inputs(app, dockerfile, secrets={"token": "hunter2"}))
    assert "hunter2" not in str({key: value for key, value in outputs.items() if key != "secrets"})
    assert isinstance(outputs["secrets"], Secret)
    expected = hashlib.sha256(b"hunter2").hexdigest()
    assert any(expected in line for line in [*image.statuses, *image.logs])
    assert "hunter2" not in str([*image.statuses, *image.logs])


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
    with plugin("docker-build", "docker-build:index:Index", embedded.env) as index:
        inputs: Values = {"tag": f"{_name(app)}:joined", "sources": [first["ref"], second["ref"]]}
        id_, outputs = index.create(inputs)
        joined = f"{_name(app)}:joined"
        assert outputs["ref"] == f"{joined}@{_digest(embedded, joined)}"
        assert len(_manifest(embedded, joined).json()["manifests"]) == 2
        assert index.read(id_, index.check(inputs), outputs) == outputs


@pytest.mark.parametrize(
    ("dockerfile", "tags", "message"),
    [
        (DOCKERFILE.replace("RUN echo", "RUN echo last words >&2; exit 7; echo"), [], r"(?s)exit code: 7"),
        ("FROM {registry}/no/such:image\n", [], r"no/such:image: not found"),
        ("FROM 127.0.0.1:9/none:b\n", [], r"connection refused"),
        (DOCKERFILE, ["127.0.0.1:9/a:b"], r"connection refused"),
    ],
)
def test_a_failed_build_says_why(
    image: Plugin, app: Path, dockerfile: str, tags: list[Value], message: str
) -> None:
    inputs = _inputs(app, dockerfile)
    with pytest.raises(PluginFailure, match=message):
        image.create({**inputs, "tags": tags or inputs["tags"]})


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


def test_a_login_is_used_and_shown_nowhere(embedded: Embedded, plain: Plugin, app: Path) -> None:
    kept = Path(tempfile.gettempdir())
    before = sorted(kept.glob("docker-config-*"))
    with _refusing_registry() as (address, tried):
        inputs = _plain(app, registry={"server": address, "username": "user", "password": "hunter2"})
        inputs["imageName"] = f"{address}/a:b"
        registry = plain.check(inputs)["registry"]
        assert registry == {"server": address, "username": "user", "password": Secret("hunter2")}
        with pytest.raises(PluginFailure, match=r"^exit status 1: running \"docker push\":\n") as error:
            plain.create(inputs)
    assert "Basic " + base64.b64encode(b"user:hunter2").decode() in tried
    assert "hunter2" not in str([error.value, *plain.statuses, *plain.logs])
    assert sorted(kept.glob("docker-config-*")) == before


@pytest.mark.parametrize("builder", BUILDERS)
def test_pulumi_docker_builds_and_pushes(embedded: Embedded, plain: Plugin, app: Path, builder: str) -> None:
    dockerfile = app / "Dockerfile"
    # The last stage fails, to show that it is not the target.
    dockerfile.write_text(f"{PLAIN}ARG WHO\nRUN echo $WHO > /who\nFROM base AS other\nRUN exit 9\n")
    name = _name(app, builder.lower())
    build: Values = {
        "dockerfile": str(dockerfile),
        "args": {"WHO": Secret("me")},
        "target": "base",
        "builderVersion": builder,
        "network": "none",
        "addHosts": ["somewhere:127.0.0.1"],
        "cacheFrom": {"images": [f"{name}:none"]},
    }
    inputs: Values = {**_plain(app, build), "imageName": f"{name}:v1"}
    id_, outputs = plain.create(inputs)
    digest = _digest(embedded, f"{name}:v1")
    assert id_ == f"{name}:v1"
    assert outputs == {
        "baseImageName": f"{name}:v1",
        "imageName": f"{name}:v1",
        "registryServer": "",
        "repoDigest": f"{name}@{digest}",
    }
    assert any(f"cacheFrom image {name}:none not available" in line for line in plain.logs)
    assert any("> /who" in line for line in plain.statuses)
    command = ("docker", "run", "--rm", str(outputs["repoDigest"]), "cat", "/who")
    assert embedded.run(*command).ok().output.endswith("me\n")
    dockerfile.write_text(f"{PLAIN}RUN echo last words; exit 7\n")
    with pytest.raises(
        PluginFailure, match=r"^exit status \d: running \"docker build\":\n(?s:.*)last words\n(?s:.*): 7"
    ):
        plain.create(_plain(app, {"builderVersion": builder}))


@pytest.mark.parametrize("builder", BUILDERS)
def test_no_build_argument_is_on_a_command_line_and_interruption_ends_the_build(
    plain: Plugin, app: Path, builder: str
) -> None:
    (app / "Dockerfile").write_text(f"{PLAIN}ARG TOKEN\nRUN echo waiting; sleep 60\n")
    running = plain.creating(_plain(app, {"args": {"TOKEN": "hunter2"}, "builderVersion": builder}))
    plain.wait_for("waiting")
    shown = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    assert "docker build" in shown
    assert "--build-arg=TOKEN" in shown
    assert "hunter2" not in shown
    started = time.monotonic()
    plain.cancel()
    assert error_of(lambda: running.result(timeout=30)).startswith('signal: killed: running "docker build"')
    assert time.monotonic() - started < 15


def test_an_image_that_is_not_pushed_has_its_id(embedded: Embedded, plain: Plugin, app: Path) -> None:
    inputs = _plain(app, skipPush=True, imageName="not-qualified")
    _, outputs = plain.create(inputs)
    shown = embedded.run("docker", "image", "inspect", "--format", "{{.Id}}", "not-qualified").ok().output
    assert outputs["repoDigest"] == shown.strip()
    embedded.run("docker", "image", "rm", "not-qualified").ok()
    # What was built stays, and so does what was pushed.
    plain.delete("i", plain.check(inputs), outputs)
    assert plain.read("i", plain.check(inputs), outputs) == outputs


def test_a_preview_builds_if_it_is_to_and_can(embedded: Embedded, plain: Plugin, app: Path) -> None:
    _, outputs = plain.create(_plain(app), preview=True)
    assert (outputs["imageName"], outputs["repoDigest"]) == (f"{_name(app)}:v1", UNKNOWN)
    unknown = _plain(app, {"args": {"A": UNKNOWN}}, buildOnPreview=True)
    _, outputs = plain.create(unknown, preview=True)
    assert outputs["repoDigest"] == UNKNOWN
    assert plain.statuses == []
    _, outputs = plain.create(_plain(app, buildOnPreview=True), preview=True)
    assert str(outputs["repoDigest"]).startswith("sha256:")
    assert _manifest(embedded, f"{_name(app)}:v1").status_code == httpx.codes.NOT_FOUND


def test_docker_not_running(embedded: Embedded, app: Path) -> None:
    config: Values = {"host": "unix:///nowhere/docker.sock"}
    with (
        plugin("docker", "docker:index/image:Image", embedded.env, config) as image,
        pytest.raises(PluginFailure, match=r"running \"docker build\":\n(?s:.*)unix:///nowhere/docker.sock"),
    ):
        image.create(_plain(app))


def test_defaults_and_refusals(plain: Plugin, app: Path) -> None:
    checked = plain.check({"imageName": f"{_name(app)}:v1", "build": {"context": str(app)}})
    build = checked["build"]
    assert isinstance(build, dict)
    assert re.fullmatch("[0-9a-f]{64}", str(build.pop("contextDigest")))
    assert checked == {
        "imageName": f"{_name(app)}:v1",
        "build": {
            "context": str(app),
            "dockerfile": str(app / "Dockerfile"),
            "platform": f"linux/{MACHINE}",
        },
        "buildOnPreview": False,
    }
    assert plain.version == version("pulumi-docker")
    refused = plain.refusals(_plain(app, {"args": {"A": 1}}))
    assert [path for path, _ in refused] == ["build"], refused
    assert [path for path, _ in plain.refusals({"build": {"context": str(app)}})] == ["imageName"]
    for inputs, reason in (
        (_plain(app, imageName="app"), "imageName must begin with its registry"),
        (_plain(app, {"dockerfile": "none"}), "none: no such file or directory"),
    ):
        with pytest.raises(PluginFailure, match=reason):
            plain.check(inputs)
    assert plain.refusals(_plain(app, imageName="app", skipPush=True)) == []
    assert plain.refusals({"imageName": UNKNOWN, "build": UNKNOWN}) == []


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (lambda app: None, False),
        (lambda app: os.utime(app / "a", (1, 1)), False),
        (lambda app: (app / "a.log").write_text("ignored"), False),
        (lambda app: (app / "sub" / "b.log").write_text("ignored"), False),
        (lambda app: (app / "sub" / "kept.log").write_text("kept"), True),
        (lambda app: (app / "a").write_text("changed"), True),
        (lambda app: (app / "a").chmod(0o755), True),
        (lambda app: (app / "a").rename(app / "b"), True),
        (lambda app: (app / "sub" / "b.txt").write_text(""), True),
        (lambda app: (app / "link").symlink_to("nowhere"), True),
        (lambda app: (app / "Dockerfile").write_text(PLAIN + "\n"), True),
        # The Dockerfile's own ignore file takes precedence.
        (lambda app: (app / "Dockerfile.dockerignore").write_text("**/*.txt"), True),
    ],
)
def test_only_a_change_of_the_sources_is_an_update(
    plain: Plugin, app: Path, change: Callable[[Path], object], seen: bool
) -> None:
    (app / "sub").mkdir()
    (app / "sub" / "a.txt").write_text("a")
    (app / ".dockerignore").write_text("# comment\n**/*.log\n!sub/kept.log\n")
    (app / "Dockerfile").chmod(0o644)
    old = plain.check(_plain(app))
    change(app)
    expected: Values = {"build.contextDigest": "UPDATE"} if seen else {}
    assert plain.changes(old, {}, _plain(app)) == expected


@pytest.mark.parametrize(
    ("registry", "expected"),
    [
        ({"server": "r.io", "username": "new", "password": "new"}, {}),
        ({"server": "s.io", "username": "u", "password": "p"}, {"registry.server": "UPDATE"}),
        (None, {"registry": "DELETE"}),
    ],
)
def test_a_short_lived_login_is_no_change(
    plain: Plugin, app: Path, registry: Value, expected: Values
) -> None:
    old = plain.check(_plain(app, registry={"server": "r.io", "username": "u", "password": "p"}))
    assert plain.changes(old, {}, _plain(app, registry=registry)) == expected
