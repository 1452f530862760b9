"""The docker CLI's buildx plugin: the user's, or one built from source."""

from pathlib import Path

from local import docker_config
from local.paths import Paths
from local.process import CommandError
from local.site import Site
from local.steps import Report
from local.tools import BUILDX


def done(site: Site) -> str | None:
    """Version of the user's buildx, or of ours if it is up to date; else None."""
    if site.record.own_buildx:
        built = site.tools.path(BUILDX)
        is_ours = built.exists() and _link(site.paths).resolve() == built
        return f"buildx {BUILDX.version}" if is_ours else None
    try:
        return f"buildx {site.runner.run(['docker', 'buildx', 'version']).split()[1]}"
    except (CommandError, IndexError):
        return None


def ensure(site: Site, report: Report) -> str:
    """Builds ours and links it into the docker CLI's configuration."""
    built = site.tools.build(BUILDX, report)
    docker_config.ensure(site.paths)
    link = _link(site.paths)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(built)
    site.use(own_buildx=True)
    return f"buildx {BUILDX.version}"


def _link(paths: Paths) -> Path:
    return paths.docker_config / "cli-plugins" / BUILDX.name
