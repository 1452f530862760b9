"""Versions of real repositories, made anew for each test."""

import subprocess
from pathlib import Path

import pulumi
import pytest

from components.version import Version, describe

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


def test_new_files_do_not_make_it_dirty(repository: Path) -> None:
    (repository / "notes").write_text("mine")
    assert not describe(repository).dirty


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
