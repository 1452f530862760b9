# ruff: noqa: E501 - exact messages and arguments
"""pulumi-docker's `Image`, with a docker command that is none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from local.plugins.base import UNKNOWN, Failure, PluginError, Secret, Value, Values, is_secret
from local.plugins.docker import DockerProvider
from local.plugins.docker_image import Image
from local.plugins.docker_image_inputs import check, diff
from tests.local.plugin_calls import FakeDocker, context

DIGEST = "sha256:" + "1" * 64


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    fake = FakeDocker(tmp_path / "bin", sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "config"))
    return fake


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    return folder


def _checked(app: Path, build: Values | None = None, **more: Value) -> Values:
    inputs, failures = check(
        {
            "imageName": "r.io/app:v1",
            "build": {"context": str(app), "platform": "linux/amd64", **(build or {})},
            **more,
        }
    )
    assert failures == []
    return inputs


def test_defaults(app: Path) -> None:
    inputs = _checked(app)
    build = inputs["build"]
    assert isinstance(build, dict)
    assert len(str(build.pop("contextDigest"))) == 64
    assert inputs == {
        "imageName": "r.io/app:v1",
        "build": {"context": str(app), "platform": "linux/amd64"},
        "buildOnPreview": False,
        "skipPush": False,
    }


def test_problems(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check({"imageName": "app", "build": {"context": str(app)}})[1] == [
        Failure("imageName", "'app' must begin with its registry, such as docker.io/app")
    ]
    assert check({"imageName": "app", "skipPush": True, "build": {"context": str(app)}})[1] == []
    monkeypatch.chdir(app.parent)
    bad: Values = {"context": "app", "dockerfile": "Dockerfile", "builderVersion": "3"}
    assert check({"imageName": "r.io/a", "build": bad})[1] == [
        Failure("build.builderVersion", "'3' must be BuilderBuildKit or BuilderV1"),
        Failure(
            "build.dockerfile",
            "Dockerfile cannot be read: No such file or directory; it is read from the project's folder: set it to "
            "'app/Dockerfile'",
        ),
    ]
    assert check({"build": {"args": {"A": 1}}})[1] == [
        Failure("imageName", "is required"),
        Failure("build.args.A", "must be a string, not a number"),
    ]


def test_differences(app: Path) -> None:
    login: Values = {"server": "r.io", "username": "u", "password": "p"}
    old = _checked(app, registry=login)
    assert is_secret(old)
    assert diff(old, _checked(app, registry={**login, "username": "v", "password": "q"})).changes == {}
    (app / "new").write_text("x")
    changes = diff(old, _checked(app, registry=login)).changes
    assert {path: change.kind for path, change in changes.items()} == {"build.contextDigest": "update"}


def test_a_preview_does_not_build(app: Path, docker: FakeDocker) -> None:
    id_, outputs = Image([], "").apply(context(preview=True)[0], _checked(app))
    assert (id_, outputs["repoDigest"], outputs["imageName"]) == ("", UNKNOWN, "r.io/app:v1")
    assert docker.calls() == []
    Image([], "").apply(context(preview=True)[0], _checked(app, buildOnPreview=True))
    assert "--output=type=cacheonly" in docker.calls()[0]["arguments"]


def test_building_and_pushing(app: Path, docker: FakeDocker) -> None:
    docker.answer("image", "inspect", stdout=f"other.io/app@{DIGEST} r.io/app@{DIGEST}\n")
    build: Values = {
        "args": Secret({"TOKEN": "hunter2"}),
        "target": "fin",
        "cacheFrom": {"images": ["r.io/app:cache"]},
        "network": "host",
        "addHosts": ["a:1.2.3.4"],
    }
    inputs = _checked(app, build, registry={"username": "u", "password": "hunter3"})
    id_, outputs = Image([], "").apply(context()[0], inputs)
    assert id_ == "r.io/app:v1"
    assert outputs == {
        "baseImageName": "r.io/app:v1",
        "context": str(app),
        "dockerfile": str(app / "Dockerfile"),
        "imageName": "r.io/app:v1",
        "platform": "linux/amd64",
        "registryServer": "",
        "repoDigest": f"r.io/app@{DIGEST}",
    }
    made, push, _ = docker.calls()
    assert [word for word in made["arguments"] if not word.startswith("--metadata-file")] == [
        "buildx",
        "build",
        "--progress=rawjson",
        "--provenance=false",
        "--output=type=docker",
        "--tag=r.io/app:v1",
        f"--file={app / 'Dockerfile'}",
        "--platform=linux/amd64",
        "--target=fin",
        "--network=host",
        "--add-host=a:1.2.3.4",
        "--build-arg=TOKEN",
        "--cache-from=r.io/app:cache",
        str(app),
    ]
    assert made["env"]["TOKEN"] == "hunter2"
    assert push["arguments"] == ["push", "r.io/app:v1"]
    assert list(push["config"]["auths"]) == ["r.io"]


def test_skip_push(app: Path, docker: FakeDocker) -> None:
    _, outputs = Image([], "").apply(context()[0], _checked(app, skipPush=True))
    assert "repoDigest" not in outputs
    assert len(docker.calls()) == 1


def test_the_classic_builder(app: Path, docker: FakeDocker) -> None:
    docker.answer(
        "build", code=1, stdout="Step 1/2 : FROM a\nStep 2/2 : RUN x\nwords\n", stderr="returned 7\n"
    )
    ctx, said = context()
    with pytest.raises(PluginError) as error:
        Image([], "").apply(ctx, _checked(app, {"builderVersion": "BuilderV1"}))
    assert str(error.value) == (
        "the build failed at Step 2/2 : RUN x: returned 7\n  Step 1/2 : FROM a\n  Step 2/2 : RUN x\n  words"
    )
    (call,) = docker.calls()
    assert call["arguments"][0] == "build"
    assert call["env"]["DOCKER_BUILDKIT"] == "0"
    assert "words" in said.statuses


def test_a_registry_that_refuses(app: Path, docker: FakeDocker) -> None:
    docker.answer("push", code=1, stderr="unauthorized: authentication required\n")
    with pytest.raises(
        PluginError, match=r"^r.io/app:v1 cannot be pushed: the registry refuses access\. Log in"
    ):
        Image([], "").apply(context()[0], _checked(app))


def test_the_provider(app: Path, docker: FakeDocker) -> None:
    docker.answer("image", "inspect", stdout=f"r.io/app@{DIGEST}")
    provider = DockerProvider()
    provider.configure(
        {"registryAuth": '[{"address":"r.io","username":"u","password":"p"}]', "host": "tcp://h:1"}
    )
    ctx, _ = context("docker:index/image:Image")
    provider.create(ctx, _checked(app))
    assert docker.calls("push")[0]["env"]["DOCKER_HOST"] == "tcp://h:1"
    assert list(docker.calls("push")[0]["config"]["auths"]) == ["r.io"]
    assert provider.read(ctx, "i", {}, {"a": 1}) == ("i", {}, {"a": 1})
    with pytest.raises(PluginError, match="has only Image, not docker:index/container:Container"):
        provider.check(context("docker:index/container:Container")[0], {}, {}, b"", None)
