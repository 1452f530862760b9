"""Version, commit and commit time of a source directory, from git."""

import os
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pulumi

_DEFAULT_BRANCHES = frozenset({"main", "master", "origin/main", "origin/master"})
_LONGEST_TAG = 128
_DIRTY = "-dirty"
_MOVING = frozenset({"latest", "stable"})  # whatever git's tags are called
_NO_HISTORY = ("not a git repository", "does not have any commits yet")


@dataclass(frozen=True, kw_only=True)
class Version:
    """What a build is called. The defaults are those of a source outside git."""

    name: str = "dev"
    """Output of `git describe --tags --always`, with `-` for characters that no image tag has; ends in
    `-dirty` if the sources differ from the commit."""
    commit: str = ""
    """Full commit hash; empty outside git."""
    epoch: int = 0
    """The commit's time in seconds since 1970; 0 outside git."""
    on_default_branch: bool = False
    """Whether the commit is the tip of main or master."""
    dirty: bool = False
    """Whether files differ from the commit: tracked ones anywhere in the repository, and new ones in the
    directory, those of submodules too. Files that git ignores do not count."""

    @property
    def time(self) -> str:
        """The commit's time, RFC 3339 in UTC. Never the time of the build, so that builds can be repeated."""
        return datetime.fromtimestamp(self.epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def tags(self) -> tuple[str, ...]:
        """The version; for a clean commit `sha-<12 digits>`; on the default branch `latest` too."""
        if not self.commit_tag:
            return (self.name,)
        latest = ["latest"] if self.on_default_branch else []
        return tuple(dict.fromkeys([self.name, self.commit_tag, *latest]))

    @property
    def commit_tag(self) -> str:
        """`sha-<12 digits>`; empty where the sources are not those of a commit."""
        return f"sha-{self.commit[:12]}" if self.commit and not self.dirty else ""

    @property
    def is_fixed(self) -> bool:
        """Whether the name stands for a commit, so that its tag must never move."""
        return bool(self.commit_tag) and self.name not in _MOVING


def describe(directory: Path) -> Version:
    """Asks git about the commit checked out in a directory.

    Raises pulumi.RunError when git is missing or refuses to answer, since a wrong version is worse than none.
    """
    shown = _git(directory, "log", "-1", "--no-show-signature", "--format=%H %ct %D")
    if shown is None:
        return Version()
    commit, epoch, refs = shown.split(" ", 2)
    described = _git(directory, "describe", "--tags", "--always") or ""
    name = re.sub(r"[^\w.-]", "-", described, flags=re.ASCII).lstrip("-.")
    dirty = _differs(directory)
    suffix = _DIRTY if dirty else ""
    names = {ref.removeprefix("HEAD -> ") for ref in refs.split(", ")}
    return Version(
        name=name[: _LONGEST_TAG - len(suffix)] + suffix,
        commit=commit,
        epoch=int(epoch),
        on_default_branch=not names.isdisjoint(_DEFAULT_BRANCHES),
        dirty=dirty,
    )


def _differs(directory: Path) -> bool:
    """Whether the sources differ from the commit. `git describe --dirty` sees less, and writes."""
    status = ("status", "--porcelain")
    changed = ("--untracked-files=no", "--ignore-submodules=untracked", "--", ":/")
    untracked = ("--untracked-files=normal", "--ignore-submodules=none", "--", ".")
    if _git(directory, *status, *changed) or _git(directory, *status, *untracked):
        return True
    tracked = _tracked(directory)
    return not tracked or any(_is_hidden_change(directory, file) for file in tracked if file.flag != "H")


@dataclass(frozen=True, kw_only=True)
class _File:
    """A file that git tracks."""

    flag: str
    """`H`; `S` where git is told to skip the working tree; lower case where to assume no change."""
    mode: str
    """Octal, as trees have it."""
    blob: str
    """Hash of the content."""
    path: str
    """Relative to the directory."""


def _tracked(directory: Path) -> list[_File]:
    listed = (_git(directory, "ls-files", "-v", "--stage", "-z", "--", ".") or "").split("\0")
    fields = [(*entry.partition("\t")[0].split(" "), entry.partition("\t")[2]) for entry in listed if entry]
    return [_File(flag=flag, mode=mode, blob=blob, path=path) for flag, mode, blob, _, path in fields]


def _is_hidden_change(directory: Path, file: _File) -> bool:
    """Whether a file that git is told not to check has changed. A sparse checkout may leave it out."""
    path = directory / file.path
    if not path.is_file() or path.is_symlink() or not file.mode.startswith("100"):
        return file.flag != "S" or path.exists() or path.is_symlink()
    return _git(directory, "hash-object", "--", file.path) != file.blob


def _git(directory: Path, *arguments: str) -> str | None:
    """The output of a git command; None where there is no history."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=directory,
            # The reasons below are matched in English. Without locks nothing is written, not even the index.
            env=os.environ | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise pulumi.RunError(
            "git was not found, and the version of the image comes from it; install git"
        ) from None
    if done.returncode == 0:
        return done.stdout.strip("\n\0")
    if any(reason in done.stderr for reason in _NO_HISTORY):
        return None
    raise pulumi.RunError(f"git cannot tell the version of {directory}: {done.stderr.strip()}")
