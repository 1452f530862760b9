"""GoImage: inputs of both builders."""

from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.image import GoImage, GoImageArgs
from components.kubernetes import KubernetesObject
from components.rules import ArgsError
from components.version import Version

from .go_module import write_module
from .recording import DIGEST, Recording, Secret, Unknown, clear_strings, record

COMMIT = "c0ffee42" * 5
RELEASE = Version(name="v1.2.3", commit=COMMIT, epoch=1767225600, on_default_branch=True)


@pytest.fixture(autouse=True)
def _with_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_module(tmp_path)
    monkeypatch.chdir(tmp_path)


def built(*, preview: bool = False, **values: Any) -> Recording:
    def program() -> None:
        GoImage("shop", GoImageArgs(**{"repository": "ghcr.io/acme/shop", "version": RELEASE} | values))

    return record(program, preview=preview)


def outputs(recording: Recording) -> dict[str, Any]:
    return next(outputs for urn, outputs in recording.outputs.items() if "GoImage" in urn)


DOCKER = {"builder": "docker", "platforms": ("linux/arm64",)}


def test_buildkit_builds_all_platforms_and_pushes_all_tags() -> None:
    recording = built()
    inputs = recording["shop-build"].inputs
    assert recording["shop-build"].type == "docker-build:index:Image"
    assert inputs["push"] is True
    assert inputs["platforms"] == ["linux/amd64", "linux/arm64"]
    assert inputs["tags"] == [f"ghcr.io/acme/shop:{tag}" for tag in ("v1.2.3", "sha-c0ffee42c0ff", "latest")]
    assert inputs["context"] == {"location": "app"}
    assert inputs["dockerfile"].keys() == {"inline"}
    assert inputs["buildArgs"] == {
        "VERSION": "v1.2.3",
        "COMMIT": COMMIT,
        "BUILD_TIME": "2026-01-01T00:00:00Z",
        "SOURCE_DATE_EPOCH": "1767225600",
    }
    assert outputs(recording) == {
        "ref": f"ghcr.io/acme/shop@{DIGEST}",
        "digest": DIGEST,
        "version": "v1.2.3",
        "commit": COMMIT,
        "tags": inputs["tags"],
    }


def test_docker_builds_one_platform_and_pushes_the_version() -> None:
    recording = built(**DOCKER, cache_from=("ghcr.io/acme/shop:cache",))
    inputs = recording["shop-build"].inputs
    assert recording["shop-build"].type == "docker:index/image:Image"
    assert inputs["imageName"] == "ghcr.io/acme/shop:v1.2.3"
    assert inputs["build"]["builderVersion"] == "BuilderV1"
    assert inputs["build"]["platform"] == "linux/arm64"
    assert inputs["build"]["args"]["TARGETARCH"] == "arm64"
    assert inputs["build"]["cacheFrom"] == {"images": ["ghcr.io/acme/shop:cache"]}
    assert outputs(recording) == {
        "ref": f"ghcr.io/acme/shop@{DIGEST}",
        "digest": DIGEST,
        "version": "v1.2.3",
        "commit": COMMIT,
        "tags": ["ghcr.io/acme/shop:v1.2.3"],
    }


def test_docker_reads_the_dockerfile_from_a_path_that_git_ignores_and_that_stays(tmp_path: Path) -> None:
    path = tmp_path / built(**DOCKER)["shop-build"].inputs["build"]["dockerfile"]
    assert path == tmp_path / ".goservice/shop.Dockerfile"
    assert path.read_text().startswith("FROM golang:1.26-alpine AS build\n")
    assert (tmp_path / ".goservice/.gitignore").read_text() == "*\n"
    written = path.stat().st_mtime_ns
    built(**DOCKER)
    assert path.stat().st_mtime_ns == written
    built(**DOCKER, go_version="1.27")
    assert path.read_text().startswith("FROM golang:1.27-alpine AS build\n")


@pytest.mark.parametrize("builder", ["buildkit", "docker"])
@pytest.mark.parametrize("on_preview", [False, True])
def test_previews_build_only_when_told(builder: str, on_preview: bool) -> None:
    one = {"builder": builder, "platforms": ("linux/amd64",)}
    recording = built(preview=True, build_on_preview=on_preview, **one)
    assert recording["shop-build"].inputs["buildOnPreview"] is on_preview
    assert isinstance(outputs(recording)["ref"], Unknown)


@pytest.mark.parametrize("builder", ["buildkit", "docker"])
@pytest.mark.parametrize("as_output", [False, True])
def test_a_password_stays_secret(builder: str, as_output: bool) -> None:
    def program() -> None:
        given = pulumi.Output.from_input("hunter2-7431") if as_output else "hunter2-7431"
        args = GoImageArgs(
            repository="registry.example.com:5000/shop",
            version=RELEASE,
            builder="docker" if builder == "docker" else "buildkit",
            platforms=("linux/amd64",),
            username="robot",
            password=given,
        )
        GoImage("shop", args)

    recording = record(program)
    inputs = recording["shop-build"].inputs
    login = inputs["registry"] if builder == "docker" else inputs["registries"]
    assert "hunter2-7431" not in list(clear_strings(inputs))
    held = login.value if isinstance(login, Secret) else login
    held = held[0] if isinstance(held, list) else held
    assert held["username"] == "robot"
    assert held["password"] in (Secret(value="hunter2-7431"), "hunter2-7431")
    assert held["server" if builder == "docker" else "address"] == "registry.example.com:5000"


def test_docker_hub_is_the_registry_of_a_repository_without_a_host() -> None:
    inputs = built(repository="acme/shop", username="robot", password="x")["shop-build"].inputs
    logins = inputs["registries"]
    held = logins.value if isinstance(logins, Secret) else logins
    assert held[0]["address"] == "docker.io"


def test_caches_are_read_and_written_in_full() -> None:
    inputs = built(cache_from=("ghcr.io/acme/shop:a",), cache_to=("ghcr.io/acme/shop:b",))[
        "shop-build"
    ].inputs
    assert inputs["cacheFrom"] == [{"registry": {"ref": "ghcr.io/acme/shop:a"}}]
    (cache,) = inputs["cacheTo"]
    assert cache["registry"]["ref"] == "ghcr.io/acme/shop:b"
    assert cache["registry"]["mode"] == "max"


PIN = f"v1.0.0@sha256:{'b' * 64}"


def test_a_release_that_is_pinned_runs_and_nothing_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []

    def warn(line: str, _resource: pulumi.Resource) -> None:
        warnings.append(line)

    monkeypatch.setattr(pulumi.log, "warn", warn)
    recording = built(pin=PIN)
    assert not [resource for resource in recording.resources if resource.custom]
    assert outputs(recording) == {
        "ref": f"ghcr.io/acme/shop@sha256:{'b' * 64}",
        "digest": f"sha256:{'b' * 64}",
        "version": "v1.0.0",
        "commit": "unknown",
        "tags": ["ghcr.io/acme/shop:v1.0.0"],
    }
    assert warnings == [f"image.pin is set: {PIN} runs, and nothing is built"]


@pytest.mark.parametrize("builder", ["buildkit", "docker"])
def test_a_pin_is_known_in_a_preview(builder: str) -> None:
    recording = built(preview=True, pin=PIN, builder=builder, platforms=("linux/amd64",))
    assert outputs(recording)["ref"] == f"ghcr.io/acme/shop@sha256:{'b' * 64}"


@pytest.mark.parametrize(
    "pin", ["v1.0.0", f"sha256:{'b' * 64}", "v1@sha256:b", f"a b@sha256:{'b' * 64}", f"@sha256:{'b' * 64}"]
)
def test_a_pin_is_a_version_and_a_digest(pin: str) -> None:
    with pytest.raises(ArgsError) as caught:
        GoImageArgs(repository="ghcr.io/acme/shop", pin=pin)
    assert str(caught.value) == (
        f'GoImageArgs.pin: "{pin}" is no release; use version@sha256:…, as `make history` shows them'
    )


def promoted(*, preview: bool = False, **values: Any) -> Recording:
    def program() -> None:
        args = GoImageArgs(**{"repository": "ghcr.io/acme/shop", "version": RELEASE} | values)
        image = GoImage("shop", args)
        manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {}}
        image.promote(after=KubernetesObject("release", manifest, pulumi.ResourceOptions()))

    return record(program, preview=preview)


@pytest.mark.parametrize("values", [{}, {"pin": PIN}], ids=["built", "pinned"])
def test_the_tag_stable_moves_once_the_release_is_done(values: dict[str, Any]) -> None:
    recording = promoted(**values)
    tag = recording["shop-stable"]
    assert tag.type == "docker-build:index:Index"
    assert tag.inputs["tag"] == "ghcr.io/acme/shop:stable"
    assert tag.inputs["sources"] == [outputs(recording)["ref"]]
    assert tag.inputs["push"] is True
    assert "registry" not in tag.inputs
    assert recording["release"].urn in tag.dependencies
    assert ("shop-build" in recording.names) == ("pin" not in values)


def test_the_tag_stable_is_pushed_with_the_same_login() -> None:
    recording = promoted(username="robot", password="hunter2-7431")
    login = recording["shop-stable"].inputs["registry"]
    assert "hunter2-7431" not in list(clear_strings(recording["shop-stable"].inputs))
    held = login.value if isinstance(login, Secret) else login
    assert held["address"] == "ghcr.io"
    assert held["username"] == "robot"
    assert held["password"] in (Secret(value="hunter2-7431"), "hunter2-7431")


def test_the_docker_builder_moves_no_tag() -> None:
    assert "shop-stable" not in promoted(**DOCKER).names


def test_releases_stay_in_the_registry_for_rollbacks() -> None:
    recording = promoted()
    assert recording["shop-build"].retain_on_delete
    assert recording["shop-stable"].retain_on_delete


def test_the_version_is_asked_of_git_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def describe(directory: Path) -> Version:
        asked.append(directory)
        return RELEASE

    monkeypatch.setattr("components.image.describe", describe)
    assert outputs(built(version=None))["version"] == "v1.2.3"
    assert asked == [Path("app")]


def test_a_repository_with_a_port_is_fine() -> None:
    assert GoImageArgs(repository="127.0.0.1:5000/sample").repository == "127.0.0.1:5000/sample"


def test_wrong_arguments_are_all_said_without_settings() -> None:
    with pytest.raises(ArgsError) as caught:
        GoImageArgs(repository="ghcr.io/acme/shop@sha256:" + "a" * 64, context="/srv/app", port=1)
    assert str(caught.value) == (
        f'GoImageArgs.repository: "ghcr.io/acme/shop@sha256:{"a" * 64}" has a digest;'
        " leave it out, the build makes the digest\n"
        'GoImageArgs.context: "/srv/app" is absolute, and would differ between machines;'
        " make it relative to the program\n"
        "GoImageArgs.port: 1 is out of range; use 1024-65535"
    )
