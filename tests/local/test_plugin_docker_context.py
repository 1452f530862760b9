"""`.dockerignore` and the hash of a build context."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from local.plugins.base import PluginError
from local.plugins.docker_context import context_hash
from local.plugins.docker_ignore import is_ignored, parse_ignore


@pytest.mark.parametrize(
    ("patterns", "path", "ignored"),
    [
        ("node_modules", "node_modules/a/b", True),
        ("node_modules", "web/node_modules/a", False),
        ("**/node_modules", "web/node_modules/a", True),
        ("**/*.log", "a.log", True),
        ("**/*.log", "deep/er/a.log", True),
        ("*.log", "deep/a.log", False),
        ("/bin/", "bin/x", True),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("[a-c].txt", "b.txt", True),
        ("[^a-c].txt", "b.txt", False),
        ("docs/**", "docs/a/b.md", True),
        ("*\n!keep.txt", "keep.txt", False),
        ("*\n!keep.txt", "other.txt", True),
        ("*\n!keep/*.go", "keep/a.go", False),
        ("!a\na", "a", True),
        ("# a\n  # b", "# a", False),
        ("a.b", "axb", False),
        (".", "a", False),
    ],
)
def test_ignoring(patterns: str, path: str, ignored: bool) -> None:
    assert is_ignored(path, parse_ignore(patterns)) is ignored


@pytest.mark.parametrize(
    ("text", "message"),
    [("a\n!", "line 2: '!' without a pattern"), ("x[y", "line 1: the pattern 'x[y' has a [ without a ]")],
)
def test_a_bad_pattern_is_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"^line") as error:
        parse_ignore(text)
    assert str(error.value) == message


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    (folder / "sub").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM scratch\n")
    (folder / "main.go").write_text("package main\n")
    (folder / "sub" / "a.txt").write_text("a")
    return folder


def _hash(app: Path) -> str:
    return context_hash(str(app), dockerfile=str(app / "Dockerfile"))


def test_times_umask_and_place_do_not_count(app: Path, tmp_path: Path) -> None:
    before = _hash(app)
    os.utime(app / "main.go", (1, 1))
    (app / "main.go").chmod(0o600)
    (app / "sub").chmod(0o700)
    assert _hash(app) == before
    app.rename(tmp_path / "elsewhere")
    assert _hash(tmp_path / "elsewhere") == before


def test_content_name_executable_bit_link_and_dockerfile_count(app: Path) -> None:
    seen = {_hash(app)}
    for change in (
        lambda: (app / "main.go").write_text("package main // changed\n"),
        lambda: (app / "main.go").rename(app / "other.go"),
        lambda: (app / "other.go").chmod(0o755),
        lambda: (app / "sub" / "b.txt").write_text(""),
        lambda: (app / "link").symlink_to("nowhere"),
        lambda: (app / "Dockerfile").write_text("FROM scratch\nCOPY . /\n"),
    ):
        change()
        seen.add(_hash(app))
    assert len(seen) == 7


def test_what_is_ignored_does_not_count(app: Path) -> None:
    (app / ".dockerignore").write_text("**/*.txt\n!sub/kept.txt\n")
    before = _hash(app)
    (app / "sub" / "a.txt").write_text("changed")
    (app / "new.txt").write_text("new")
    assert _hash(app) == before
    (app / "sub" / "kept.txt").write_text("counts")
    assert _hash(app) != before


def test_the_dockerfiles_own_ignore_file_wins(app: Path) -> None:
    (app / ".dockerignore").write_text("main.go\n")
    (app / "Dockerfile.dockerignore").write_text("sub\n")
    before = _hash(app)
    (app / "sub" / "a.txt").write_text("changed")
    assert _hash(app) == before
    (app / "main.go").write_text("changed")
    assert _hash(app) != before


def test_inline_dockerfile_and_named_contexts_count(app: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    plain = context_hash(str(app), inline="FROM a")
    assert context_hash(str(app), inline="FROM b") != plain
    with_other = context_hash(str(app), inline="FROM a", named={"o": str(other)})
    (other / "x").write_text("x")
    assert context_hash(str(app), inline="FROM a", named={"o": str(other)}) != with_other
    assert context_hash("https://example.com/r.git") != context_hash("https://example.com/s.git")


def test_a_missing_dockerfile_is_an_error(app: Path) -> None:
    with pytest.raises(PluginError, match="none cannot be read: No such file or directory"):
        context_hash(str(app), dockerfile=str(app / "none"))
