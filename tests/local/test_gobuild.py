"""Cache keys of the built tools, and builds that leave nothing half-made."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from local.gobuild import Builder, GoTool, install, is_installed, key
from local.process import CommandError, Runner
from local.tools import BUILDKIT, BUILDX, KUBE, METRICS_SERVER, PAUSE, PULUMI

GO = "go1.26.8"


@pytest.fixture
def tool(tmp_path: Path) -> GoTool:
    source = tmp_path / "source"
    source.mkdir()
    (source / "go.mod").write_text("module tool\n")
    (source / "main.go").write_text("package main\n")
    return GoTool(name="tool", version="v1", source=source, package=".")


def test_the_key_is_stable(tool: GoTool) -> None:
    assert key(tool, GO) == key(tool, GO)
    assert len(key(tool, GO)) == 16


def test_the_key_follows_every_input(tool: GoTool) -> None:
    before = key(tool, GO)
    changed = [
        replace(tool, version="v2"),
        replace(tool, package="./other"),
        replace(tool, embedded=("example.com/package", ("schema.json",))),
        replace(tool, ldflags="-s"),
        replace(tool, env={"CGO_ENABLED": "0"}),
    ]
    keys = {key(other, GO) for other in changed} | {key(tool, "go1.27.0")}
    (tool.source / "go.mod").write_text("module changed\n")
    keys.add(key(tool, GO))
    assert before not in keys
    assert len(keys) == 7


def test_other_files_do_not_change_the_key(tool: GoTool) -> None:
    before = key(tool, GO)
    (tool.source / "Dockerfile").write_text("FROM scratch\n")
    (tool.source / "main_test.go").write_text("package main\n")
    assert key(tool, GO) == before


@pytest.mark.parametrize(
    "built", [BUILDKIT, BUILDX, KUBE, METRICS_SERVER, PULUMI], ids=lambda built: built.name
)
def test_modules_are_pinned_by_checksum(built: GoTool) -> None:
    assert (built.source / "go.mod").is_file()
    assert (built.source / "go.sum").is_file()


def test_the_pause_program_needs_no_module() -> None:
    assert "require" not in (PAUSE.source / "go.mod").read_text()


def test_versions_are_linked_in() -> None:
    assert "version.Version=v3.250.0" in PULUMI.ldflags
    assert "gitVersion=v1.34.4" in KUBE.ldflags
    assert "gitMajor=1" in KUBE.ldflags
    assert "gitMinor=34" in KUBE.ldflags


def fake_go(directory: Path, build: str) -> None:
    """A `go` that knows its version and does what `build` says for `go build … -o FILE PACKAGE`."""
    path = directory / "go"
    path.write_text(
        f'#!/bin/sh\ncase "$1" in\nenv) echo {GO};;\nbuild) echo compiling >&2\nfor last; do :; done\n'
        f'while [ "$1" != -o ]; do shift; done\n{build};;\nesac\n'
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def builder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Builder:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return Builder(cache=tmp_path / "cache", logs=tmp_path / "logs", runner=Runner())


def test_a_build_is_kept_and_not_repeated(tool: GoTool, builder: Builder, tmp_path: Path) -> None:
    fake_go(tmp_path / "bin", 'echo built > "$2"')
    said: list[str] = []
    built = builder.build(tool, said.append)
    assert built.read_text() == "built\n"
    assert "compiled 1 packages, now compiling" in said
    fake_go(tmp_path / "bin", "exit 1")
    assert builder.build(tool, said.append) == built


def test_a_changed_program_is_another_build(tool: GoTool) -> None:
    before = key(tool, GO)
    (tool.source / "other.go").write_text("package main\n")
    assert key(tool, GO) != before
    elsewhere = replace(tool, package="example.com/tool")
    before = key(elsewhere, GO)
    (tool.source / "more.go").write_text("package main\n")
    assert key(elsewhere, GO) == before, "it is not made of the files in its directory"


def test_files_of_a_module_are_embedded_as_if_they_were_its_own(
    tool: GoTool, builder: Builder, tmp_path: Path
) -> None:
    go = tmp_path / "bin/go"
    go.write_text(
        '#!/bin/sh\ncase "$1 $2" in\n"env "*) echo go1.26.8;;\n"list -e") echo /modules/one;;\n'
        'build*) while [ "$1" != -o ]; do shift; done; cp "$OVERLAY" "$2";;\nesac\n'
    )
    go.chmod(0o755)
    embedding = replace(tool, embedded=("example.com/one", ("schema.json",)))
    overlay = builder.path(embedding).with_name("overlay.json")
    builder.runner.env["OVERLAY"] = str(overlay)
    builder.build(embedding, lambda _text: None)
    assert json.loads(overlay.read_text()) == {
        "Replace": {str(tool.source / "schema.json"): "/modules/one/schema.json"}
    }


def test_an_installed_program_is_a_link_to_the_built_one(tmp_path: Path) -> None:
    built, target = tmp_path / "built", tmp_path / "bin/tool"
    assert not is_installed(built, target)
    built.write_text("one")
    install(built, target)
    assert is_installed(built, target)
    assert target.samefile(built)
    other = tmp_path / "other"
    other.write_text("another")
    assert not is_installed(other, target)


def test_a_failed_build_leaves_nothing_that_looks_built(
    tool: GoTool, builder: Builder, tmp_path: Path
) -> None:
    fake_go(tmp_path / "bin", 'echo half > "$2"; echo "no such module" >&2; exit 1')
    with pytest.raises(CommandError, match="no such module"):
        builder.build(tool, lambda _text: None)
    assert not builder.path(tool).exists()
    assert "no such module" in (tmp_path / "logs/build-tool.log").read_text()
