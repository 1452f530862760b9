"""Files for the plugins, and what a preview leaves of them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pulumi
import pytest

from components.image.build_files import BuildFiles
from components.image.ignore_list import ignore_list

DOCKERFILE = ".goservice/shop.Dockerfile"


@pytest.fixture(autouse=True)
def _in_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "program/app").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "program")


class Reader:
    """A resource whose registration comes to what a function awaits."""

    def __init__(self, registration: Callable[[], Awaitable[Any]]) -> None:
        self.urn = self
        self.future = registration


def previewed(
    monkeypatch: pytest.MonkeyPatch, *registrations: Callable[[], Awaitable[Any]], dry_run: bool = True
) -> None:
    """Runs a program with resources that read the files."""
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: dry_run)

    async def program() -> None:
        files = BuildFiles("shop", "FROM scratch\n", "app")
        assert files.path == DOCKERFILE
        files.release(*(cast(pulumi.Resource, Reader(each)) for each in registrations))
        await asyncio.sleep(0.05)

    asyncio.run(program())


async def registered() -> str:
    assert Path(DOCKERFILE).read_text() == "FROM scratch\n"
    return "urn"


async def refused() -> str:
    assert Path(DOCKERFILE).exists()
    raise ValueError


async def slow() -> str:
    await asyncio.sleep(0.02)
    return await registered()


async def never() -> None:
    await asyncio.sleep(3600)


@pytest.mark.parametrize("last", [registered, refused, slow, never], ids=lambda each: each.__name__)
def test_a_preview_leaves_nothing_whatever_comes_of_it(
    monkeypatch: pytest.MonkeyPatch, last: Callable[[], Awaitable[Any]]
) -> None:
    previewed(monkeypatch, registered, last)
    assert list(Path().iterdir()) == [Path("app")]


def test_a_preview_gives_back_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".goservice").mkdir()
    Path(DOCKERFILE).write_text("FROM alpine:3.22\n")
    previewed(monkeypatch, registered)
    assert Path(DOCKERFILE).read_text() == "FROM alpine:3.22\n"
    assert list(Path(".goservice").iterdir()) == [Path(DOCKERFILE)]


def test_an_update_leaves_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    previewed(monkeypatch, registered, dry_run=False)
    assert {file.name for file in Path(".goservice").iterdir()} == {
        ".gitignore",
        "shop.Dockerfile",
        "shop.Dockerfile.dockerignore",
    }


@pytest.mark.parametrize(
    ("context", "own"),
    [("app", set[str]()), (".", {".goservice", "Pulumi.*.yaml"}), ("..", {"program/.goservice"})],
)
def test_the_program_s_own_files_are_left_out_where_the_context_has_them(context: str, own: set[str]) -> None:
    BuildFiles("shop", "FROM scratch\n", context)
    patterns = set(Path(f"{DOCKERFILE}.dockerignore").read_text().splitlines())
    assert own <= patterns
    assert any("goservice" in pattern for pattern in patterns) == bool(own)


def test_the_list_adds_to_the_user_s_which_has_the_last_word() -> None:
    ours = ignore_list("", None).splitlines()
    assert {"**/.git", ".idea", ".vscode", "**/.venv"} <= set(ours)
    assert ignore_list("*.md\n!.vscode\n", None).splitlines() == [*ours, "*.md", "!.vscode"]


@pytest.mark.parametrize(
    "name", ["x_test.go", "index.html", "Dockerfile", ".env", "testdata", "vendor", "*.md"]
)
def test_what_a_program_may_embed_stays(name: str) -> None:
    assert not any(name in pattern for pattern in ignore_list("", ".").splitlines())
