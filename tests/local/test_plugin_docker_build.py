# ruff: noqa: E501 - exact messages and arguments
"""docker-build's `Image` and `Index`, with a docker command that is none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from local.plugins.base import UNKNOWN, Failure, PluginError, Secret, Value, Values, is_secret
from local.plugins.docker_auth import Registry
from local.plugins.docker_build import DockerBuild
from local.plugins.docker_build_image import Image
from local.plugins.docker_build_index import Index
from local.plugins.docker_build_inputs import check_image
from local.plugins.docker_build_run import platform_tag
from tests.local.plugin_calls import FakeDocker, context

DIGEST = "sha256:" + "1" * 64
OTHER = "sha256:" + "2" * 64
INLINE = "FROM scratch\nCOPY . /\n"
DOCKER_DRIVER = "Name:   default\nDriver: docker\n"


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
    (folder / "a").write_text("a")
    return folder


def _checked(app: Path, **more: Value) -> Values:
    given: Values = {
        "push": True,
        "tags": ["r.io/app:v1", "r.io/app:latest"],
        "context": {"location": str(app)},
        "dockerfile": {"inline": INLINE},
        **more,
    }
    inputs, failures = check_image(given)
    assert failures == []
    return inputs


def test_defaults(app: Path) -> None:
    (app / "Dockerfile").write_text("FROM scratch\n")
    inputs, failures = check_image({"push": False, "context": {"location": str(app)}})
    assert failures == []
    assert inputs == {
        "push": False,
        "buildOnPreview": True,
        "network": "default",
        "context": {"location": str(app)},
        "dockerfile": {"location": str(app / "Dockerfile")},
    }


def test_secrets_and_passwords_become_secret(app: Path) -> None:
    inputs = _checked(
        app, secrets={"token": "t"}, registries=[{"address": "r.io", "username": "u", "password": "p"}]
    )
    assert inputs["secrets"] == Secret({"token": "t"})
    assert inputs["registries"] == [{"address": "r.io", "username": "u", "password": Secret("p")}]


def test_every_problem_at_once(app: Path) -> None:
    _, failures = check_image(
        {
            "push": True,
            "tags": ["Bad Tag"],
            "platforms": ["linux"],
            "network": "bridge",
            "context": {"location": str(app / "none")},
            "dockerfile": {"inline": "FORM scratch\n"},
            "exports": [{"local": {"dest": "x"}, "tar": {"dest": "y"}}],
        }
    )
    assert {failure.property: failure.reason for failure in failures} == {
        "context.location": f"'{app / 'none'}' is neither a folder nor a URL",
        "dockerfile.inline": "is not a valid Dockerfile: line 1: unknown instruction: FORM",
        "exports[0]": "names local, tar: one entry is of one kind",
        "platforms[0]": "'linux' is not a platform such as linux/amd64 or linux/arm/v7",
        "network": "'bridge' must be default, host or none",
        "tags[0]": "'Bad Tag' is not an image reference such as registry/name:tag (repository names must be lower case)",
    }


def test_types_are_checked() -> None:
    _, failures = check_image({"tags": "r.io/a", "push": "yes", "load": 1, "extra": {}, "registries": [{}]})
    assert failures == [
        Failure("extra", failures[0].reason),
        Failure("load", "must be a boolean, not a number"),
        Failure("push", "must be a boolean, not a string"),
        Failure("registries[0].address", "is required"),
        Failure("tags", "must be a list, not a string"),
    ]
    assert failures[0].reason.startswith("is not known; known are addHosts, buildArgs")


def test_unknown_inputs_pass_the_check_and_are_not_built(app: Path, docker: FakeDocker) -> None:
    inputs, failures = check_image(
        {
            "push": True,
            "tags": [UNKNOWN],
            "context": {"location": str(app)},
            "dockerfile": {"inline": UNKNOWN},
        }
    )
    assert failures == []
    ctx, said = context(preview=True)
    id_, outputs = Image([], "").create(ctx, inputs)
    assert (id_, outputs["digest"], outputs["ref"], outputs["contextHash"]) == ("", UNKNOWN, UNKNOWN, UNKNOWN)
    assert said.logs == [("warning", "not built during this preview: some inputs are not known yet")]
    assert docker.calls() == []


def test_a_preview_builds_without_pushing_unless_told_not_to(app: Path, docker: FakeDocker) -> None:
    ctx, _ = context(preview=True)
    Image([], "").create(ctx, _checked(app, buildOnPreview=False))
    assert docker.calls() == []
    Image([], "").create(ctx, _checked(app))
    (call,) = docker.calls("build")
    assert "--output=type=cacheonly" in call["arguments"]
    assert not any(word.startswith(("--tag", "--push")) for word in call["arguments"])


def test_one_platform_is_one_build(app: Path, docker: FakeDocker) -> None:
    docker.answer("build", "--metadata-file", metadata={"containerimage.digest": DIGEST})
    ctx, _ = context()
    inputs = _checked(app, platforms=["linux/arm64"], target="fin", labels={"b": "2", "a": "1"}, noCache=True)
    id_, outputs = Image([], "").create(ctx, inputs)
    assert id_ == DIGEST
    assert outputs["digest"] == DIGEST
    assert outputs["ref"] == f"r.io/app:v1@{DIGEST}"
    (call,) = docker.calls("buildx")
    assert call["stdin"] == INLINE
    assert [word for word in call["arguments"] if not word.startswith("--metadata-file")] == [
        "buildx",
        "build",
        "--progress=rawjson",
        "--provenance=false",
        "--label=a=1",
        "--label=b=2",
        "--no-cache",
        "--platform=linux/arm64",
        "--target=fin",
        "--tag=r.io/app:v1",
        "--tag=r.io/app:latest",
        "--output=type=registry",
        "--file=-",
        str(app),
    ]


def test_a_builder_of_one_platform_at_a_time_builds_each_and_joins_them(
    app: Path, docker: FakeDocker
) -> None:
    docker.answer("buildx", "inspect", "--format", stdout=f'{{"digest": "{OTHER}"}}')
    docker.answer("buildx", "inspect", stdout=DOCKER_DRIVER)
    docker.answer("info", stdout="[]")
    docker.answer("build", "--platform=linux/amd64", metadata={"containerimage.digest": DIGEST})
    docker.answer("build", "--platform=linux/arm64", metadata={"containerimage.digest": "sha256:" + "3" * 64})
    ctx, said = context()
    inputs = _checked(app, platforms=["linux/amd64", "linux/arm64"], exports=[{"local": {"dest": "out"}}])
    _, outputs = Image([], "").create(ctx, inputs)
    assert outputs["ref"] == f"r.io/app:v1@{OTHER}"
    tags = [[w for w in call["arguments"] if w.startswith("--tag")] for call in docker.calls("build")]
    assert tags == [["--tag=r.io/app:v1-linux-amd64"], ["--tag=r.io/app:v1-linux-arm64"]]
    assert "--output=type=local,dest=out/linux_arm64" in docker.calls("build")[1]["arguments"]
    (create,) = docker.calls("imagetools", "create")
    assert create["arguments"][3:] == [
        "--tag",
        "r.io/app:v1",
        "--tag",
        "r.io/app:latest",
        f"r.io/app@{DIGEST}",
        "r.io/app@sha256:" + "3" * 64,
    ]
    assert said.statuses == ["creating the manifest list r.io/app:v1"]


@pytest.mark.parametrize(
    ("driver", "store"),
    [("Driver: docker-container\n", "[]"), (DOCKER_DRIVER, "io.containerd.snapshotter.v1")],
)
def test_a_builder_of_many_platforms_builds_them_together(
    app: Path, docker: FakeDocker, driver: str, store: str
) -> None:
    docker.answer("inspect", stdout=driver)
    docker.answer("info", stdout=store)
    docker.answer("build", metadata={"containerimage.digest": DIGEST})
    ctx, _ = context()
    Image([], "").create(ctx, _checked(app, platforms=["linux/amd64", "linux/arm64"]))
    (call,) = docker.calls("build")
    assert "--platform=linux/amd64,linux/arm64" in call["arguments"]


def test_no_secret_is_on_a_command_line_and_the_configuration_is_temporary(
    app: Path, docker: FakeDocker, tmp_path: Path
) -> None:
    own = tmp_path / "config"
    (own / "cli-plugins").mkdir(parents=True)
    (own / "config.json").write_text('{"credsStore": "desktop", "auths": {"other.io": {"auth": "eA=="}}}')
    docker.answer("build", metadata={"containerimage.digest": DIGEST})
    inputs = _checked(
        app,
        secrets={"token": "hunter1"},
        buildArgs=Secret({"PASS": "hunter2"}),
        registries=[{"address": "https://r.io", "username": "u", "password": "hunter3"}],
    )
    ctx, _ = context()
    _, outputs = Image([Registry(address="docker.io", username="d", password="hunter4")], "tcp://h:1").create(
        ctx, inputs
    )
    (call,) = docker.calls("build")
    assert "hunter" not in " ".join(call["arguments"])
    assert "--secret=id=token,env=GOSERVICE_BUILD_SECRET_0" in call["arguments"]
    assert "--build-arg=PASS" in call["arguments"]
    env = call["env"]
    assert (env["GOSERVICE_BUILD_SECRET_0"], env["PASS"], env["DOCKER_HOST"]) == (
        "hunter1",
        "hunter2",
        "tcp://h:1",
    )
    assert call["mode"] == "0o600"
    assert call["config"] == {
        "credsStore": "desktop",
        "auths": {
            "other.io": {"auth": "eA=="},
            "https://index.docker.io/v1/": {"auth": "ZDpodW50ZXI0"},
            "r.io": {"auth": "dTpodW50ZXIz"},
        },
        "credHelpers": {"https://index.docker.io/v1/": "", "r.io": ""},
    }
    assert not Path(env["DOCKER_CONFIG"]).exists()
    assert is_secret(outputs["secrets"])
    assert is_secret(outputs["registries"])


def test_a_failed_build_is_one_message(app: Path, docker: FakeDocker) -> None:
    docker.answer(
        "build",
        code=1,
        stderr='{"vertexes":[{"digest":"v","name":"[2/2] RUN x","error":"exit code: 7"}]}\nERROR: failed to build: x\n',
    )
    ctx, _ = context()
    with pytest.raises(PluginError) as error:
        Image([], "").create(ctx, _checked(app))
    assert str(error.value) == "the build failed at [2/2] RUN x: exit code: 7"


def test_no_docker_command(app: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ctx, _ = context()
    with pytest.raises(PluginError, match="there is no docker command on PATH: install Docker"):
        Image([], "").create(ctx, _checked(app))


def _diff(app: Path, old: Values, new: Values) -> dict[str, str]:
    state: Values = {
        **old,
        "contextHash": Image([], "").create(context(preview=True)[0], old)[1]["contextHash"],
    }
    diff = Image([], "").diff(old, state, new)
    assert list(diff.replaces) == []
    return {path: change.kind for path, change in diff.changes.items()}


def test_differences_are_updates_and_passwords_do_not_count(
    app: Path, docker: FakeDocker, tmp_path: Path
) -> None:
    login: Values = {"address": "r.io", "username": "u", "password": "old"}
    old = _checked(app, registries=[login], secrets={"a": "1", "b": "2"}, buildOnPreview=False)
    same = _checked(
        app, registries=[{**login, "password": "new"}], secrets={"a": "1", "b": "2"}, buildOnPreview=False
    )
    assert _diff(app, old, same) == {}
    assert _diff(app, old, {**same, "tags": ["r.io/app:v2", "r.io/app:latest"]}) == {"tags[0]": "update"}
    assert _diff(app, old, {**same, "secrets": Secret({"a": "1", "b": "3"})}) == {"secrets.b": "update"}
    assert (
        _diff(
            app,
            old,
            {**same, "secrets": Secret({"a": "1", "b": "3"}), "ignoreSecretsInDiffCalculation": ["b"]},
        )
        == {}
    )
    assert _diff(app, old, {**same, "exec": True}) == {}
    assert _diff(app, old, {**same, "pull": True}) == {"pull": "add", "contextHash": "update"}
    out = tmp_path / "out"
    assert _diff(app, old, {**same, "exports": [{"local": {"dest": str(out)}}]}) == {
        "exports": "add",
        "exports[0]": "update",
    }


def test_a_changed_context_is_a_difference(app: Path, docker: FakeDocker) -> None:
    inputs = _checked(app, buildOnPreview=False)
    _, outputs = Image([], "").create(context(preview=True)[0], inputs)
    assert Image([], "").diff(inputs, outputs, inputs).changes == {}
    (app / "a").write_text("changed")
    changes = Image([], "").diff(inputs, outputs, inputs).changes
    assert [(path, change.kind, change.input_diff) for path, change in changes.items()] == [
        ("contextHash", "update", False)
    ]


def _state(app: Path) -> tuple[Values, Values]:
    inputs = _checked(app)
    return inputs, {**inputs, "digest": DIGEST, "ref": f"r.io/app:v1@{DIGEST}", "contextHash": "h"}


def test_reading_keeps_the_tags_that_are_still_there(app: Path, docker: FakeDocker) -> None:
    inputs, state = _state(app)
    docker.answer("inspect", f"r.io/app:latest@{DIGEST}", stdout=f'{{"digest": "{DIGEST}"}}')
    docker.answer("inspect", code=1, stderr="ERROR: r.io/app:v1: not found")
    found = Image([], "").read(context()[0], DIGEST, inputs, state)
    assert found is not None
    assert found[1]["tags"] == ["r.io/app:latest"]
    assert found[2]["tags"] == ["r.io/app:latest"]


def test_reading_an_image_whose_tags_are_all_gone_finds_nothing(app: Path, docker: FakeDocker) -> None:
    inputs, state = _state(app)
    docker.answer("inspect", code=1, stderr="ERROR: r.io/app:v1: not found")
    assert Image([], "").read(context()[0], DIGEST, inputs, state) is None


def test_reading_from_a_registry_that_is_away_is_an_error(app: Path, docker: FakeDocker) -> None:
    inputs, state = _state(app)
    docker.answer(
        "inspect", code=1, stderr='ERROR: failed to do request: Head "https://r.io": connection refused'
    )
    with pytest.raises(PluginError, match="the registry cannot be reached"):
        Image([], "").read(context()[0], DIGEST, inputs, state)


def test_an_image_cannot_be_imported() -> None:
    with pytest.raises(PluginError, match="an image cannot be imported"):
        Image([], "").read(context()[0], "x", {}, {})


def test_a_platforms_tag_is_never_too_long() -> None:
    assert platform_tag("r.io/a:v1", "linux/arm/v7") == "r.io/a:v1-linux-arm-v7"
    assert platform_tag("r.io/a", "linux/amd64") == "r.io/a:latest-linux-amd64"
    assert len(platform_tag(f"r.io/a:{'x' * 128}", "linux/amd64").split(":")[1]) == 128


def test_index(docker: FakeDocker) -> None:
    index = Index([], "")
    inputs, failures = index.check({"tag": "r.io/a:v1", "sources": [f"r.io/a@{DIGEST}"]})
    assert failures == []
    assert inputs["push"] is True
    assert index.apply(context(preview=True)[0], inputs)["ref"] is UNKNOWN
    docker.answer("inspect", stdout=f'{{"digest": "{OTHER}"}}')
    assert index.apply(context()[0], inputs)["ref"] == f"r.io/a:v1@{OTHER}"
    (create,) = docker.calls("create")
    assert create["arguments"] == ["buildx", "imagetools", "create", "--tag", "r.io/a:v1", f"r.io/a@{DIGEST}"]


def test_index_failures_and_differences() -> None:
    index = Index([], "")
    assert index.check({"tag": "A", "sources": []})[1] == [
        Failure(
            "tag",
            "'A' is not an image reference such as registry/name:tag (repository names must be lower case)",
        ),
        Failure("sources", "at least one image is needed"),
    ]
    old: Values = {
        "tag": "r.io/a:1",
        "sources": ["r.io/a@x"],
        "registry": {"address": "r.io", "password": "p"},
    }
    new: Values = {
        "tag": "r.io/a:2",
        "sources": ["r.io/a@y"],
        "registry": {"address": "r.io", "password": "q"},
    }
    changes = index.diff(old, new).changes
    assert {path: change.kind for path, change in changes.items()} == {
        "tag": "update-replace",
        "sources[0]": "update",
    }


def test_the_provider_takes_credentials_and_host_and_refuses_other_types(
    app: Path, docker: FakeDocker
) -> None:
    provider = DockerBuild()
    provider.configure(
        {"host": "tcp://h:1", "registries": Secret('[{"address":"r.io","username":"u","password":"p"}]')}
    )
    docker.answer("build", metadata={"containerimage.digest": DIGEST})
    ctx, _ = context("docker-build:index:Image")
    provider.create(ctx, _checked(app))
    (call,) = docker.calls("build")
    assert call["env"]["DOCKER_HOST"] == "tcp://h:1"
    assert list(call["config"]["auths"]) == ["r.io"]
    with pytest.raises(PluginError, match="has only Image and Index, not docker-build:index:Other"):
        provider.check(context("docker-build:index:Other")[0], {}, {}, b"", None)
