"""Provider plugins: the user's where they have them, else downloaded, else built from source."""

import os
import sys
from pathlib import Path

from local import manifests, probes, tools
from local.gobuild import Builder, GoTool, install, is_installed
from local.manifests import Plugin
from local.paths import Paths
from local.process import CommandError, Runner
from local.steps import Report

NAMES = ("command", "docker", "docker-build", "kubernetes")
# Nobody serves their modules: a program of our own does what is used of them.
SUBSTITUTED = ("command", "docker")


def wanted() -> list[Plugin]:
    """The plugins the program's packages ask for."""
    directories = [Path(entry) for entry in sys.path if entry.endswith("site-packages")]
    return [plugin for plugin in manifests.plugins(directories) if plugin.name in NAMES]


def users(plugin: Plugin) -> Path:
    """Where the user's Pulumi has the plugin, or would have it."""
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    return home / "plugins" / plugin.directory


def download(runner: Runner, pulumi: str, plugins: list[Plugin], paths: Paths, report: Report) -> bool:
    """Installs the official plugins for the user's Pulumi. Returns whether all could be had."""
    if not probes.reachable(probes.PULUMI_PLUGINS, paths):
        return False
    for plugin in plugins:
        report(f"downloading {plugin.name} {plugin.version}")
        try:
            runner.run(
                [pulumi, "plugin", "install", "resource", plugin.name, f"v{plugin.version}"],
                log=paths.logs / "plugins.log",
            )
        except CommandError:
            probes.remember(probes.PULUMI_PLUGINS, False, paths)
            return False
    return True


def build(builder: Builder, plugins: list[Plugin], paths: Paths, report: Report) -> None:
    """Has every plugin in our Pulumi home: the user's own as a link, the others built."""
    for plugin, tool in zip(plugins, _tools(plugins), strict=True):
        target = _binary(plugin, paths)
        if users(plugin).is_dir():
            target.parent.parent.mkdir(parents=True, exist_ok=True)
            if not target.parent.exists():
                target.parent.symlink_to(users(plugin))
        else:
            install(builder.build(tool, lambda text, of=plugin: report(f"{of.name}: {text}")), target)


def are_built(builder: Builder, plugins: list[Plugin], paths: Paths) -> bool:
    """Whether our Pulumi home has every plugin as `build` leaves it."""
    return all(
        (users(plugin).is_dir() and _binary(plugin, paths).exists())
        or is_installed(builder.path(tool), _binary(plugin, paths))
        for plugin, tool in zip(plugins, _tools(plugins), strict=True)
    )


def describe(plugins: list[Plugin], *, official: bool) -> str:
    """All plugins with their versions, and which of them are not the official ones."""
    substituted = () if official else SUBSTITUTED
    kinds = {"official": [], "substitutes": []} if substituted else {"official": []}
    for plugin in plugins:
        kind = "substitutes" if plugin.name in substituted else "official"
        kinds[kind].append(f"{plugin.name} {plugin.version}")
    return "; ".join(f"{kind}: {', '.join(named)}" for kind, named in kinds.items())


def _tools(plugins: list[Plugin]) -> list[GoTool]:
    versions = {plugin.name: plugin.version for plugin in plugins}
    return [tools.plugin(plugin.name, versions) for plugin in plugins]


def _binary(plugin: Plugin, paths: Paths) -> Path:
    return paths.pulumi_home / "plugins" / plugin.directory / f"pulumi-resource-{plugin.name}"
