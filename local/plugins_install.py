"""Provider plugins: the official ones where they can be had, else launchers of the stand-ins."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from local import manifests, probes
from local.manifests import Plugin
from local.paths import Paths
from local.process import CommandError, Runner
from local.record import write
from local.steps import Report

NAMES = ("command", "docker", "docker-build", "kubernetes")


def wanted() -> list[Plugin]:
    """The plugins the program's packages ask for."""
    directories = [Path(entry) for entry in sys.path if entry.endswith("site-packages")]
    return [plugin for plugin in manifests.plugins(directories) if plugin.name in NAMES]


def users_home(env: Mapping[str, str]) -> Path:
    return Path(env.get("PULUMI_HOME") or Path.home() / ".pulumi")


def official_there(plugins: list[Plugin], home: Path) -> bool:
    """Whether all official plugins are installed."""
    return all((home / "plugins" / plugin.directory).is_dir() for plugin in plugins)


def install_official(
    runner: Runner, pulumi: str, plugins: list[Plugin], paths: Paths, report: Report
) -> bool:
    """Installs the official plugins into the user's Pulumi home. Returns whether all could be had."""
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


def module(plugin: Plugin) -> str:
    """The module that stands in for a plugin."""
    return f"local.plugins.{plugin.name.replace('-', '_')}"


def launcher(module: str, paths: Paths, python: str = sys.executable) -> str:
    """Text of an executable that runs a module of this checkout, its bytecode kept in the state directory."""
    checkout, bytecode = shlex.quote(str(paths.checkout)), shlex.quote(str(paths.state / "bytecode"))
    return (
        "#!/bin/sh\n"
        "unset PYTHONDONTWRITEBYTECODE\n"
        f"PYTHONPATH={checkout} PYTHONPYCACHEPREFIX={bytecode} "
        f'exec {shlex.quote(python)} -u -m {module} "$@"\n'
    )


def stand_in(plugin: Plugin, paths: Paths) -> str:
    """Text of the executable the engine starts as the plugin."""
    return launcher(f"local.plugins.launch {module(plugin)}", paths)


def stand_ins_there(plugins: list[Plugin], paths: Paths) -> bool:
    """Whether every stand-in is installed as it would be now."""
    return all(
        file.is_file() and file.read_text() == stand_in(plugin, paths)
        for plugin in plugins
        for file in [executable(plugin, paths)]
    )


def executable(plugin: Plugin, paths: Paths) -> Path:
    return paths.pulumi_home / "plugins" / plugin.directory / f"pulumi-resource-{plugin.name}"


def install_stand_ins(plugins: list[Plugin], paths: Paths) -> None:
    for plugin in plugins:
        write(executable(plugin, paths), stand_in(plugin, paths), mode=0o755)


def describe(plugins: list[Plugin], kind: str) -> str:
    return f"{kind}: " + ", ".join(f"{plugin.name} {plugin.version}" for plugin in plugins)
