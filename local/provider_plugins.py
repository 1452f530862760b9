"""Provider plugins: the user's where they have them, else downloaded, else built from source."""

import os
import sys
from pathlib import Path

from local import gobuild, manifests, probes, tools
from local.gobuild import GoTool
from local.manifests import Plugin
from local.paths import Paths
from local.process import CommandError
from local.site import Site
from local.steps import Report

NAMES = ("command", "docker", "docker-build", "kubernetes")
# Nobody serves their modules: a program of our own does what is used of them.
SUBSTITUTED = ("command", "docker")


def done(site: Site) -> str | None:
    """All plugins with their versions if they are there as they should be, else None."""
    plugins = wanted()
    if all(users(plugin).is_dir() for plugin in plugins):
        site.use(own_plugins=False)
        return describe(plugins)
    return describe(plugins) if site.record.own_plugins and are_built(site, plugins) else None


def ensure(site: Site, report: Report) -> str:
    """Has the official plugins where all can be had, else builds what is missing."""
    plugins = wanted()
    official = _download(site, plugins, report)
    if not official:
        build(site, plugins, report)
    site.use(own_plugins=not official)
    return describe(plugins)


def wanted() -> list[Plugin]:
    """The plugins the program's packages ask for."""
    directories = [Path(entry) for entry in sys.path if entry.endswith("site-packages")]
    return [plugin for plugin in manifests.plugins(directories) if plugin.name in NAMES]


def users(plugin: Plugin) -> Path:
    """Where the user's Pulumi has the plugin, or would have it."""
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    return home / "plugins" / plugin.directory


def _download(site: Site, plugins: list[Plugin], report: Report) -> bool:
    """Installs the official plugins for the user's Pulumi. Returns whether all could be had."""
    if not probes.reachable(probes.PULUMI_PLUGINS, site.paths):
        return False
    for plugin in plugins:
        report(f"downloading {plugin.name} {plugin.version}")
        install = ["pulumi", "plugin", "install", "resource", plugin.name, f"v{plugin.version}"]
        try:
            site.runner.run(install, log=site.log("plugins"))
        except CommandError:
            probes.remember(probes.PULUMI_PLUGINS, False, site.paths)
            return False
    return True


def build(site: Site, plugins: list[Plugin], report: Report) -> None:
    """Has every plugin in our Pulumi home: the user's own as a link, the others built."""
    for plugin, tool in zip(plugins, _tools(plugins), strict=True):
        target = _binary(plugin, site.paths)
        if users(plugin).is_dir():
            target.parent.parent.mkdir(parents=True, exist_ok=True)
            if not target.parent.exists():
                target.parent.symlink_to(users(plugin))
        else:
            built = site.tools.build(tool, lambda text, of=plugin: report(f"{of.name}: {text}"))
            gobuild.install(built, target)


def are_built(site: Site, plugins: list[Plugin]) -> bool:
    """Whether our Pulumi home has every plugin as `build` leaves it."""
    return all(
        (users(plugin).is_dir() and _binary(plugin, site.paths).exists())
        or gobuild.is_installed(site.tools.path(tool), _binary(plugin, site.paths))
        for plugin, tool in zip(plugins, _tools(plugins), strict=True)
    )


def describe(plugins: list[Plugin]) -> str:
    """All plugins with their versions, and which of them are not the official ones."""
    ours = [plugin for plugin in plugins if plugin.name in SUBSTITUTED and not users(plugin).is_dir()]
    kinds = {"official": [plugin for plugin in plugins if plugin not in ours], "substitutes": ours}
    return "; ".join(
        f"{kind}: {', '.join(f'{plugin.name} {plugin.version}' for plugin in named)}"
        for kind, named in kinds.items()
        if named
    )


def _tools(plugins: list[Plugin]) -> list[GoTool]:
    versions = {plugin.name: plugin.version for plugin in plugins}
    return [tools.plugin(plugin.name, versions) for plugin in plugins]


def _binary(plugin: Plugin, paths: Paths) -> Path:
    return paths.pulumi_home / "plugins" / plugin.directory / f"pulumi-resource-{plugin.name}"
