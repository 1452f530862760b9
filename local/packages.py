"""Debian packages for what is missing on the machine."""

import shutil

from local.paths import Paths
from local.privilege import privileged
from local.process import CommandError, Runner
from local.steps import Report

# Tools that live in sbin, which is not on everybody's PATH.
SBIN = "/usr/local/sbin:/usr/sbin:/sbin"
APT_INSTALL = (
    "env",
    "DEBIAN_FRONTEND=noninteractive",
    "apt-get",
    "install",
    "-yqq",
    "--no-install-recommends",
)


def has(tool: str) -> bool:
    return bool(shutil.which(tool) or shutil.which(tool, path=SBIN))


def missing(*, engine_runs: bool, base_is_public: bool) -> list[str]:
    """Packages to install: for the git and docker commands, our own Docker engine, and the base image."""
    packages: list[str] = []
    if not has("git"):
        packages.append("git")
    if not has("docker") or (not engine_runs and not has("dockerd")):
        packages.append("docker.io")
    if not engine_runs and not has("iptables"):
        packages.append("iptables")
    if not base_is_public and not has("debootstrap"):
        packages += ["debootstrap", "debian-archive-keyring"]
    return packages


def install(runner: Runner, packages: list[str], paths: Paths, report: Report) -> str:
    """Installs packages, and the docker command where that is a package of its own."""
    log = paths.logs / "packages.log"
    wanted = list(packages)
    report("reading the package lists")
    runner.run(privileged(["apt-get", "update", "-qq"]), log=log)
    if "docker.io" in wanted and _exists(runner, "docker-cli"):
        wanted.append("docker-cli")
    report(f"installing {' '.join(wanted)}")
    runner.run(
        privileged([*APT_INSTALL, *wanted]),
        log=log,
        on_line=lambda line: report(line[:100]),
    )
    return f"installed {', '.join(wanted)}"


def _exists(runner: Runner, package: str) -> bool:
    try:
        return bool(runner.run(["apt-cache", "show", "--no-all-versions", package]).strip())
    except CommandError:
        return False
