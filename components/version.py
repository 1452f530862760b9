"""Version, commit and commit time of a source directory, from git."""

import os
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pulumi

_DEFAULT_BRANCHES = frozenset({"main", "master", "origin/main", "origin/master"})
_NO_HISTORY = ("not a git repository", "does not have any commits yet")


@dataclass(frozen=True, kw_only=True)
class Version:
    """What a build is called. The defaults are those of a source outside git."""

    name: str = "dev"
    """Output of `git describe --tags --always --dirty`, other characters than an image tag takes made `-`."""
    commit: str = ""
    """Full commit hash; empty outside git."""
    epoch: int = 0
    """The commit's time in seconds since 1970; 0 outside git."""
    on_default_branch: bool = False
    """Whether the commit is the tip of main or master."""
    dirty: bool = False
    """Whether tracked files differ from the commit."""

    @property
    def time(self) -> str:
        """The commit's time, RFC 3339 in UTC. Never the time of the build, so that builds can be repeated."""
        return datetime.fromtimestamp(self.epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def tags(self) -> tuple[str, ...]:
        """The version; for a clean commit `sha-<12 digits>`; on the default branch `latest` too."""
        if self.dirty or not self.commit:
            return (self.name,)
        return (self.name, f"sha-{self.commit[:12]}", *(["latest"] if self.on_default_branch else []))


def describe(directory: Path) -> Version:
    """Asks git about the commit checked out in a directory.

    Raises pulumi.RunError when git is missing or refuses to answer, since a wrong version is worse than none.
    """
    shown = _git(directory, "log", "-1", "--no-show-signature", "--format=%H %ct %D")
    if shown is None:
        return Version()
    commit, epoch, refs = shown.split(" ", 2)
    described = _git(directory, "describe", "--tags", "--always", "--dirty") or ""
    names = {ref.removeprefix("HEAD -> ") for ref in refs.split(", ")}
    return Version(
        name=re.sub(r"[^\w.-]", "-", described, flags=re.ASCII).lstrip("-.")[:128],
        commit=commit,
        epoch=int(epoch),
        on_default_branch=not names.isdisjoint(_DEFAULT_BRANCHES),
        dirty=described.endswith("-dirty"),
    )


def _git(directory: Path, *arguments: str) -> str | None:
    """The output of a git command; None where there is no history."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=directory,
            env=os.environ | {"LC_ALL": "C"},  # the reasons below are matched in English
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise pulumi.RunError(
            "git was not found, and the version of the image comes from it; install git"
        ) from None
    if done.returncode == 0:
        return done.stdout.strip("\n")
    if any(reason in done.stderr for reason in _NO_HISTORY):
        return None
    raise pulumi.RunError(f"git cannot tell the version of {directory}: {done.stderr.strip()}")
