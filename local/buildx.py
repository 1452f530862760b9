"""The docker CLI's buildx: the user's where there is one, else one built from source."""

from pathlib import Path

from local import docker_config
from local.gobuild import Builder
from local.paths import Paths
from local.process import CommandError, Runner
from local.steps import Report
from local.tools import BUILDX


def users_version(runner: Runner) -> str | None:
    """Release of the buildx the docker CLI finds without ours; None if it finds none."""
    try:
        return runner.run(["docker", "buildx", "version"]).split()[1]
    except (CommandError, IndexError):
        return None


def link(paths: Paths) -> Path:
    return paths.docker_config / "cli-plugins" / BUILDX.name


def done(builder: Builder, paths: Paths) -> str | None:
    """Its version if our own is installed as it would be now, else None."""
    built = builder.path(BUILDX)
    return f"buildx {BUILDX.version}" if built.exists() and link(paths).resolve() == built else None


def ensure(builder: Builder, paths: Paths, report: Report) -> str:
    """Builds our own and puts it into the docker CLI's configuration."""
    built = builder.build(BUILDX, report)
    docker_config.ensure(paths)
    plugin = link(paths)
    plugin.parent.mkdir(parents=True, exist_ok=True)
    plugin.unlink(missing_ok=True)
    plugin.symlink_to(built)
    return f"buildx {BUILDX.version}"
