"""Tags that name a release stay what they are."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pulumi
import pytest

from components.image import registry, tag_guard
from components.image.args import GoImageArgs
from components.image.docker_login import Login, RegistryError
from components.image.registry import Manifest, Registry
from components.image.tag_guard import claim_version, refuse_taken_tag
from components.image.version import Version
from tests.support.go_module import write_module

OURS, THEIRS = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
RELEASE = Version(name="v1.2.3", commit="c0ffee42" * 5)
VERSION, COMMIT = RELEASE.tags
BUILD = {"imageName": "ghcr.io/acme/shop:v1.2.3", "build": {"contextDigest": "1"}}
Tags = dict[str, Manifest]


@pytest.fixture(autouse=True)
def _with_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_module(tmp_path)
    monkeypatch.chdir(tmp_path)


def args(**values: Any) -> GoImageArgs:
    return GoImageArgs(repository="ghcr.io/acme/shop", **values)


def image(digest: str, *members: str) -> Manifest:
    return Manifest(digest=digest, members=members)


class Stand:
    """A registry with some tags."""

    def __init__(self, tags: Tags) -> None:
        self.tags = tags
        self.asked: list[str] = []

    def manifest(self, tag: str) -> Manifest | None:
        self.asked.append(tag)
        return self.tags.get(tag)

    def tag(self, digest: str, tag: str) -> None:
        self.tags[tag] = image(digest)


def claim_versiond(there: Tags, given: GoImageArgs | None = None) -> Tags:
    """The tags after those of a release were claim_versiond."""
    stand = Stand(there)
    claim_version(cast(Registry, stand), given or args(), RELEASE, OURS)
    return stand.tags


@pytest.mark.parametrize(
    "there",
    [{}, {VERSION: image(OURS, THEIRS)}, {VERSION: image(THEIRS, OURS)}],
    ids=["no tag", "the same image", "a list around it"],
)
def test_a_version_is_tagged_where_that_replaces_nothing(there: Tags) -> None:
    assert claim_versiond(there)[COMMIT] == image(OURS)


def test_a_version_that_is_another_image_is_not_replaced() -> None:
    there = {VERSION: image(THEIRS)}
    with pytest.raises(RuntimeError) as caught:
        claim_versiond(there)
    assert str(caught.value) == (
        f"ghcr.io/acme/shop:v1.2.3 is in the registry as {THEIRS}, and this build is {OURS}; "
        "a released tag is not replaced\n"
        f"  → Run what is there with image.pin: v1.2.3@{THEIRS}, release a new commit, or set "
        "image.overwriteTags to true."
    )
    assert there == {VERSION: image(THEIRS)}


def test_the_tag_of_a_commit_stays_with_its_first_image() -> None:
    assert claim_versiond({COMMIT: image(THEIRS)}) == {COMMIT: image(THEIRS)}


def test_tags_are_overwritten_when_told() -> None:
    there = {VERSION: image(THEIRS), COMMIT: image(THEIRS)}
    assert claim_versiond(there, args(overwrite_tags=True))[COMMIT] == image(OURS)


def test_a_version_that_is_called_as_a_tag_that_moves_is_not_asked_for() -> None:
    stand = Stand({"latest": image(THEIRS)})
    claim_version(cast(Registry, stand), args(), replace(RELEASE, name="latest"), OURS)
    assert stand.asked == [COMMIT]


def built(there: Tags, **values: Any) -> None:
    """A build of the docker builder."""
    hook = pulumi.ResourceHookArgs(urn="", id="", name="", type="", **{"new_inputs": BUILD} | values)
    refuse_taken_tag(cast(Registry, Stand(there)), args(), hook)


def refused(there: Tags, **values: Any) -> str:
    with pytest.raises(RuntimeError) as caught:
        built(there, **values)
    return str(caught.value).splitlines()[0]


def test_the_docker_builder_may_push_a_tag_that_is_not_there() -> None:
    built({})


def test_the_docker_builder_replaces_no_tag() -> None:
    assert refused({VERSION: image(THEIRS)}) == (
        f"ghcr.io/acme/shop:v1.2.3 is in the registry as {THEIRS}, and the docker builder would replace it "
        "before its own digest is known; a released tag is not replaced"
    )


def test_the_docker_builder_may_repeat_its_own_build() -> None:
    """As for a password that is new with every update."""
    there = {VERSION: image(OURS)}
    old = {"old_inputs": BUILD, "old_outputs": {"repoDigest": f"ghcr.io/acme/shop@{OURS}"}}
    built(there, new_inputs=BUILD | {"registry": {"password": "new"}}, **old)
    assert refused(there, new_inputs=BUILD | {"build": {}}, **old)
    assert refused({VERSION: image(THEIRS)}, **old)


def asked(make: Callable[[], GoImageArgs], question: Callable[[Any], Any]) -> Any:
    """The answer of a stand-in that is what the registry was made with."""

    async def program() -> Any:
        return await tag_guard._ask(make(), question)

    return asyncio.run(program())


@pytest.mark.parametrize("kind", ["none", "text", "output"])
def test_the_registry_is_asked_with_the_login_of_the_push(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    def make() -> GoImageArgs:
        password = pulumi.Output.secret("hunter2-7431") if kind == "output" else "hunter2-7431"
        return args() if kind == "none" else args(username="robot", password=password)

    monkeypatch.setattr(registry, "Registry", lambda *given: given)
    login = None if kind == "none" else Login(username="robot", password="hunter2-7431")
    assert asked(make, lambda given: given) == ("ghcr.io/acme/shop", login)


def test_a_registry_that_does_not_tell_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def question(_: Any) -> None:
        raise RegistryError("ghcr.io answered 403 Forbidden")

    monkeypatch.setattr(registry, "Registry", lambda *_: None)
    with pytest.raises(RuntimeError) as caught:
        asked(args, question)
    assert str(caught.value) == (
        "the tags of ghcr.io/acme/shop can be neither read nor set: ghcr.io answered 403 Forbidden\n"
        "  → Have it answer, and log in with `docker login`, or image.username and image.password."
    )
