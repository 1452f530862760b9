"""Versions of real repositories, made anew for each test."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pulumi
import pytest

from components.image.version import Version, describe

COMMITTED = "2026-03-04T05:06:07+02:00"


def git(directory: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *identity, *arguments],
        cwd=directory,
        env={"PATH": "/usr/bin:/bin", "GIT_COMMITTER_DATE": COMMITTED, "HOME": str(directory)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    directory = tmp_path / "repository"
    (directory / "app").mkdir(parents=True)
    git(directory, "init", "--quiet", "--initial-branch", "main")
    (directory / "app/go.mod").write_text("module example.com/shop\n")
    git(directory, "add", ".")
    git(directory, "commit", "--quiet", "--message", "first")
    return directory


def test_a_tagged_commit_on_main(repository: Path) -> None:
    git(repository, "tag", "v1.2.3")
    commit = git(repository, "rev-parse", "HEAD")
    version = describe(repository / "app")
    assert version == Version(
        name="v1.2.3", commit=commit, epoch=1772593567, on_default_branch=True, dirty=False
    )
    assert version.time == "2026-03-04T03:06:07Z"
    assert version.tags == ("v1.2.3", f"sha-{commit[:12]}", "latest")


def test_a_commit_without_tags_is_named_by_its_hash(repository: Path) -> None:
    version = describe(repository)
    assert version.name
    assert version.commit.startswith(version.name)


def test_a_branch_gets_no_latest(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--create", "feature")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "second")
    version = describe(repository)
    assert not version.on_default_branch
    assert version.tags == (version.name, f"sha-{version.commit[:12]}")


def test_a_detached_checkout_of_the_tip_of_main_counts_as_main(repository: Path, tmp_path: Path) -> None:
    """As pipelines check out."""
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(repository), str(clone))
    git(clone, "checkout", "--quiet", "--detach", "origin/main")
    git(clone, "branch", "--delete", "--force", "main")
    assert describe(clone).on_default_branch


def test_changed_files_make_it_dirty_and_leave_the_version_as_its_only_tag(repository: Path) -> None:
    (repository / "app/go.mod").write_text("module example.com/other\n")
    version = describe(repository)
    assert version.dirty
    assert version.name.endswith("-dirty")
    assert version.tags == (version.name,)


def assert_dirty(directory: Path, name: str) -> None:
    version = describe(directory)
    assert (version.dirty, version.name, version.tags) == (True, f"{name}-dirty", (f"{name}-dirty",))


@pytest.mark.parametrize("file", ["app/extra.go", "app/cmd/new/main.go"])
def test_new_files_in_the_context_make_it_dirty(repository: Path, file: str) -> None:
    git(repository, "tag", "v1.2.3")
    git(repository, "config", "status.showUntrackedFiles", "no")
    (repository / file).parent.mkdir(parents=True, exist_ok=True)
    (repository / file).write_text("package main\n")
    assert_dirty(repository / "app", "v1.2.3")


def test_new_files_outside_of_the_context_do_not(repository: Path) -> None:
    (repository / "notes").write_text("mine")
    assert not describe(repository / "app").dirty


def test_changed_files_outside_of_the_context_do(repository: Path) -> None:
    (repository / "Pulumi.dev.yaml").write_text("config:\n")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "settings")
    git(repository, "tag", "v1.2.3")
    (repository / "Pulumi.dev.yaml").write_text("config: {}\n")
    assert_dirty(repository / "app", "v1.2.3")


def test_files_that_git_ignores_do_not(repository: Path) -> None:
    (repository / "app/.gitignore").write_text("*_gen.go\n")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "generated")
    (repository / "app/wire_gen.go").write_text("package main\n")
    assert not describe(repository / "app").dirty


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_changes_that_git_is_told_not_to_look_at_make_it_dirty(repository: Path, flag: str) -> None:
    git(repository, "tag", "v1.2.3")
    git(repository, "update-index", flag, "app/go.mod")
    assert not describe(repository / "app").dirty
    (repository / "app/go.mod").write_text("module example.com/other\n")
    assert_dirty(repository / "app", "v1.2.3")


def test_a_file_that_is_assumed_unchanged_and_gone_makes_it_dirty(repository: Path) -> None:
    git(repository, "tag", "v1.2.3")
    git(repository, "update-index", "--assume-unchanged", "app/go.mod")
    (repository / "app/go.mod").unlink()
    assert_dirty(repository / "app", "v1.2.3")


def test_what_a_sparse_checkout_leaves_out_does_not(repository: Path) -> None:
    (repository / "app/docs").mkdir()
    (repository / "app/docs/page").write_text("text")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "docs")
    git(repository, "sparse-checkout", "set", "--no-cone", "/*", "!docs")
    assert not (repository / "app/docs").exists()
    assert not describe(repository / "app").dirty


@pytest.mark.parametrize("file", ["lib.go", "new.go"])
def test_a_submodule_s_files_count(repository: Path, tmp_path: Path, file: str) -> None:
    library = tmp_path / "library"
    library.mkdir()
    git(library, "init", "--quiet")
    (library / "lib.go").write_text("package lib\n")
    git(library, "add", ".")
    git(library, "commit", "--quiet", "--message", "first")
    git(repository, "config", "--global", "protocol.file.allow", "always")
    git(repository, "submodule", "--quiet", "add", str(library), "app/lib")
    git(repository, "commit", "--quiet", "--message", "submodule")
    git(repository, "tag", "v1.2.3")
    assert not describe(repository / "app").dirty
    (repository / "app/lib" / file).write_text("package lib // changed\n")
    assert_dirty(repository / "app", "v1.2.3")


def test_a_context_that_git_knows_nothing_of_is_dirty(repository: Path) -> None:
    (repository / ".gitignore").write_text("/scratch/\n")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "ignore")
    git(repository, "tag", "v1.2.3")
    (repository / "scratch").mkdir()
    (repository / "scratch/go.mod").write_text("module example.com/scratch\n")
    assert_dirty(repository / "scratch", "v1.2.3")


def test_asking_writes_nothing(repository: Path) -> None:
    os.utime(repository / "app/go.mod")  # git would note that it looked
    index = (repository / ".git/index").stat()
    describe(repository / "app")
    assert (repository / ".git/index").stat().st_mtime_ns == index.st_mtime_ns


def test_the_longest_name_says_that_it_is_dirty(repository: Path) -> None:
    git(repository, "tag", "v" * 130)
    (repository / "app/extra.go").write_text("package main\n")
    assert_dirty(repository / "app", "v" * 122)


def test_the_version_of_a_commit_is_one_image_unless_it_is_called_as_tags_that_move() -> None:
    release = Version(name="v1.2.3", commit="c0ffee42" * 5, on_default_branch=True)
    assert release.is_fixed
    assert release.commit_tag == "sha-c0ffee42c0ff"
    for moving in (replace(release, name=name) for name in ("latest", "stable")):
        assert not moving.is_fixed
        assert moving.commit_tag
    assert replace(release, name="latest").tags == ("latest", "sha-c0ffee42c0ff")
    for other in (replace(release, dirty=True), Version()):
        assert not other.is_fixed
        assert not other.commit_tag


@pytest.mark.parametrize(
    ("tag", "name"),
    [("v1.0.0+build.7", "v1.0.0-build.7"), ("release/2.0", "release-2.0"), ("v" * 130, "v" * 128)],
)
def test_what_an_image_tag_cannot_hold_becomes_a_hyphen(repository: Path, tag: str, name: str) -> None:
    git(repository, "tag", tag)
    assert describe(repository).name == name


def test_outside_git_it_is_dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    version = describe(tmp_path)
    assert version == Version()
    assert (version.name, version.time, version.tags) == ("dev", "1970-01-01T00:00:00Z", ("dev",))


def test_a_repository_without_commits_is_dev(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert describe(tmp_path) == Version()


def test_the_directory_of_the_caller_does_not_matter(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = describe(repository)
    monkeypatch.chdir(tmp_path)
    assert describe(Path("repository/app")) == expected


def test_git_missing_is_said(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))
    with pytest.raises(pulumi.RunError) as caught:
        describe(repository)
    assert str(caught.value) == "git was not found, and the version of the image comes from it; install git"


def test_other_trouble_is_not_taken_for_dev(repository: Path) -> None:
    (repository / ".git/HEAD").write_text("ref: refs/heads/../../broken\n")
    (repository / ".git/config").write_text("[core\n")
    with pytest.raises(pulumi.RunError) as caught:
        describe(repository)
    assert str(caught.value).startswith(f"git cannot tell the version of {repository}: fatal: bad config")
