"""GoImage: inputs of both builders."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.image import GoImage, GoImageArgs
from components.image.version import Version
from components.kubernetes.object import KubernetesObject
from components.shared.errors import ArgsError
from tests.support.go_module import write_module
from tests.support.recording import DIGEST, Recording, Secret, Unknown, _Monitor, clear_strings, record

COMMIT = "c0ffee42" * 5
TAGS = [f"ghcr.io/acme/shop:{tag}" for tag in ("v1.2.3", "sha-c0ffee42c0ff", "latest")]
Hooks = dict[str, Counter[str]]
RELEASE = Version(name="v1.2.3", commit=COMMIT, epoch=1767225600, on_default_branch=True)


@pytest.fixture(autouse=True)
def _with_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_module(tmp_path)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Hooks:
    """Hooks before the creation or update of a resource, and for how many of the two, by its name."""
    found: Hooks = {}
    register = _Monitor.RegisterResource

    def recorded(self: Any, request: Any) -> Any:
        found[request.name] = Counter([*request.hooks.before_create, *request.hooks.before_update])
        return register(self, request)

    monkeypatch.setattr(_Monitor, "RegisterResource", recorded)
    return found


def built(*, preview: bool = False, **values: Any) -> Recording:
    def program() -> None:
        GoImage("shop", GoImageArgs(**{"repository": "ghcr.io/acme/shop", "version": RELEASE} | values))

    return record(program, preview=preview)


def outputs(recording: Recording) -> dict[str, Any]:
    return next(outputs for urn, outputs in recording.outputs.items() if "GoImage" in urn)


DOCKER = {"builder": "docker", "platforms": ("linux/arm64",)}


def test_buildkit_builds_all_platforms_under_a_tag_of_no_release() -> None:
    recording = built()
    inputs = recording["shop-build"].inputs
    assert recording["shop-build"].type == "docker-build:index:Image"
    assert inputs["exports"] == [{"raw": "type=registry"}]
    assert inputs["platforms"] == ["linux/amd64", "linux/arm64"]
    assert inputs["tags"] == ["ghcr.io/acme/shop:last-build"]
    assert inputs["context"] == {"location": "app"}
    assert inputs["dockerfile"] == {"location": ".goservice/shop.dev.Dockerfile"}
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
        "tags": TAGS,
    }


def test_the_tags_are_set_once_the_digest_is_known() -> None:
    recording = built()
    for name, reference in (("shop-version", "v1.2.3"), ("shop-latest", "latest")):
        tag = recording[name]
        assert tag.type == "docker-build:index:Index"
        assert tag.inputs["tag"] == f"ghcr.io/acme/shop:{reference}"
        assert tag.inputs["sources"] == [f"ghcr.io/acme/shop@{DIGEST}"]
        assert tag.retain_on_delete
    assert recording["shop-version"].urn in recording["shop-latest"].dependencies


@pytest.mark.parametrize(
    "changes", [{"on_default_branch": False}, {"name": "latest"}], ids=["branch", "name"]
)
def test_no_tag_is_set_twice(changes: dict[str, Any]) -> None:
    recording = built(version=replace(RELEASE, **changes))
    assert {r.name for r in recording.resources if r.type.endswith(":Index")} == {"shop-version"}


@pytest.mark.parametrize(
    "version",
    [Version(), Version(name="v1-dirty", commit=COMMIT, dirty=True, on_default_branch=True)],
    ids=["outside git", "dirty"],
)
def test_what_is_not_committed_is_pushed_to_its_own_tag_at_once(version: Version, hooks: Hooks) -> None:
    recording = built(version=version)
    assert recording["shop-build"].inputs["tags"] == [f"ghcr.io/acme/shop:{version.name}"]
    assert not [r for r in recording.resources if r.type.endswith(":Index")]
    assert not any(hooks.values())


def test_the_registry_is_asked_before_a_tag_of_a_release_is_set(hooks: Hooks) -> None:
    built()
    assert hooks["shop-version"] == {"shop-tags": 2}
    assert not hooks["shop-latest"]
    assert not hooks["shop-build"]


def test_the_registry_is_asked_before_a_build_that_sets_its_tag_itself(hooks: Hooks) -> None:
    built(**DOCKER)
    assert hooks["shop-build"] == {"shop-tags": 2}


@pytest.mark.parametrize("values", [{"overwrite_tags": True}, {"version": replace(RELEASE, name="latest")}])
def test_the_docker_builder_may_push_a_tag_that_moves(values: dict[str, Any], hooks: Hooks) -> None:
    built(**DOCKER, **values)
    assert not hooks["shop-build"]


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


BUILDERS = pytest.mark.parametrize(
    ("values", "path"),
    [({}, ".goservice/shop.dev.Dockerfile"), (DOCKER, ".goservice/shop.Dockerfile")],
    ids=["buildkit", "docker"],
)


def dockerfile_path(recording: Recording) -> str:
    inputs = recording["shop-build"].inputs
    return inputs["dockerfile"]["location"] if "dockerfile" in inputs else inputs["build"]["dockerfile"]


@BUILDERS
def test_the_dockerfile_has_a_path_that_git_ignores_and_that_stays(
    tmp_path: Path, values: dict[str, Any], path: str
) -> None:
    assert dockerfile_path(built(**values)) == path
    file = tmp_path / path
    assert "golang:1.26-alpine AS build\n" in file.read_text()
    assert (tmp_path / ".goservice/.gitignore").read_text() == "*\n"
    written = file.stat().st_mtime_ns
    built(**values)
    assert file.stat().st_mtime_ns == written
    built(**values, go_version="1.27")
    assert "golang:1.27-alpine AS build\n" in file.read_text()


@BUILDERS
def test_what_the_build_does_not_see_stands_beside_it(
    tmp_path: Path, values: dict[str, Any], path: str
) -> None:
    (tmp_path / "app/.dockerignore").write_text("*.md\n!.vscode\n")
    built(**values)
    patterns = (tmp_path / f"{path}.dockerignore").read_text().splitlines()
    assert patterns[0] == "**/.git"
    assert patterns[-2:] == ["*.md", "!.vscode"]
    assert (tmp_path / "app/.dockerignore").read_text() == "*.md\n!.vscode\n"


def everything(directory: Path) -> dict[str, str | None]:
    return {str(path): path.read_text() if path.is_file() else None for path in directory.rglob("*")}


@BUILDERS
def test_a_preview_leaves_nothing_behind(tmp_path: Path, values: dict[str, Any], path: str) -> None:
    before = everything(tmp_path)
    assert dockerfile_path(built(preview=True, **values)) == path
    assert everything(tmp_path) == before
    built(**values)
    before = everything(tmp_path)
    built(preview=True, **values, go_version="1.27")
    assert everything(tmp_path) == before


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


CACHES = {"cache_from": ("ghcr.io/acme/shop:a",), "cache_to": ("ghcr.io/acme/shop:b",)}


@pytest.mark.parametrize("preview", [False, True])
def test_a_build_that_previews_may_run_writes_no_cache(preview: bool) -> None:
    inputs = built(preview=preview, build_on_preview=True, **CACHES)["shop-build"].inputs
    assert inputs["buildOnPreview"] is True
    assert inputs["cacheFrom"] == [{"registry": {"ref": "ghcr.io/acme/shop:a"}}]
    assert "cacheTo" not in inputs


@pytest.mark.parametrize("preview", [False, True])
def test_the_cache_is_written_in_full_by_a_build_of_updates_alone(preview: bool) -> None:
    recording = built(preview=preview, build_on_preview=True, **CACHES)
    cache, build = recording["shop-cache"], recording["shop-build"]
    assert build.urn in cache.dependencies
    assert cache.inputs["buildOnPreview"] is False
    assert cache.inputs["exports"] == [{"cacheonly": {}}]
    assert cache.inputs["tags"] == []
    (written,) = cache.inputs["cacheTo"]
    assert written["registry"]["ref"] == "ghcr.io/acme/shop:b"
    assert written["registry"]["mode"] == "max"
    same = {"buildArgs", "context", "dockerfile", "platforms", "cacheFrom"}
    assert {key: cache.inputs[key] for key in same} == {key: build.inputs[key] for key in same}
    assert recording["shop-version"].urn not in cache.dependencies


def test_without_a_cache_to_write_there_is_one_build() -> None:
    assert "shop-cache" not in built(cache_from=("ghcr.io/acme/shop:a",)).names


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
        f'GoImageArgs.pin: "{pin}" is not a release; use version@sha256:…, as `make history` shows them'
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

    monkeypatch.setattr("components.image.go_image.describe", describe)
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
