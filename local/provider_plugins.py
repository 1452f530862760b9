"""Provider plugins: the user's, downloaded, or built from source."""

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
# No module proxy serves their modules; our own program implements the parts in use.
SUBSTITUTED = ("command", "docker")


def done(site: Site) -> str | None:
    """All plugins with their versions if they are installed and up to date, else None."""
    plugins = required()
    if all(user_directory(plugin).is_dir() for plugin in plugins):
        site.use(own_plugins=False)
        return describe(plugins)
    return describe(plugins) if site.record.own_plugins and are_built(site, plugins) else None


def ensure(site: Site, report: Report) -> str:
    """Downloads the official plugins, or builds the missing ones if that fails."""
    plugins = required()
    official = _download(site, plugins, report)
    if not official:
        build(site, plugins, report)
    site.use(own_plugins=not official)
    return describe(plugins)


def required() -> list[Plugin]:
    """The plugins that the program's packages require."""
    directories = [Path(entry) for entry in sys.path if entry.endswith("site-packages")]
    return [plugin for plugin in manifests.plugins(directories) if plugin.name in NAMES]


def user_directory(plugin: Plugin) -> Path:
    """Directory of the plugin in the user's Pulumi home, whether or not it exists."""
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    return home / "plugins" / plugin.directory


def _download(site: Site, plugins: list[Plugin], report: Report) -> bool:
    """Installs the official plugins into the user's Pulumi home. Returns whether all succeeded."""
    if not probes.is_reachable(probes.PULUMI_PLUGINS, site.paths):
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
    """Puts every plugin into our Pulumi home: a link to the user's, or a built one."""
    for plugin, tool in zip(plugins, _tools(plugins), strict=True):
        target = _binary(plugin, site.paths)
        if user_directory(plugin).is_dir():
            target.parent.parent.mkdir(parents=True, exist_ok=True)
            if not target.parent.exists():
                target.parent.symlink_to(user_directory(plugin))
        else:
            built = site.tools.build(tool, lambda text, of=plugin: report(f"{of.name}: {text}"))
            gobuild.install(built, target)


def are_built(site: Site, plugins: list[Plugin]) -> bool:
    """Whether our Pulumi home has every plugin up to date."""
    return all(
        (user_directory(plugin).is_dir() and _binary(plugin, site.paths).exists())
        or gobuild.is_installed(site.tools.path(tool), _binary(plugin, site.paths))
        for plugin, tool in zip(plugins, _tools(plugins), strict=True)
    )


def describe(plugins: list[Plugin]) -> str:
    """All plugins with their versions, and whether they are official or substitutes."""
    ours = [each for each in plugins if each.name in SUBSTITUTED and not user_directory(each).is_dir()]
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
