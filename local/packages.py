"""Debian packages for tools that are missing on this machine."""

import shutil

from local import docker, images, probes
from local.privilege import as_root
from local.process import CommandError, Runner
from local.site import Site
from local.steps import Report

# Some tools are in sbin, which is not on every user's PATH.
SBIN = "/usr/local/sbin:/usr/sbin:/sbin"
APT = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq")


def done(site: Site) -> str | None:
    """A message if nothing is missing, else None."""
    return None if _missing(site) else "nothing is missing"


def ensure(site: Site, report: Report) -> str:
    """Installs missing packages, and docker-cli where it is a separate package."""
    missing, log = _missing(site), site.log("packages")
    wanted = list(missing)
    report("reading the package lists")
    site.runner.run(as_root([*APT, "update"]), log=log)
    if "docker.io" in wanted and _exists(site.runner, "docker-cli"):
        wanted.append("docker-cli")
    report(f"installing {' '.join(wanted)}")
    install = [*APT, "install", "--yes", "--no-install-recommends", *wanted]
    site.runner.run(as_root(install), log=log, on_line=lambda line: report(line[:100]))
    site.record.save(site.paths, packages=sorted({*site.record.packages, *missing}))
    return f"installed {', '.join(wanted)}"


def has(tool: str) -> bool:
    """Whether the machine has a program, on PATH or in sbin."""
    return bool(shutil.which(tool) or shutil.which(tool, path=SBIN))


def _missing(site: Site) -> list[str]:
    engine_runs = docker.is_running(site.paths)
    has_base = engine_runs and has("docker") and images.exists(site, images.BASE)
    public = has_base or probes.is_reachable(probes.DOCKER_HUB, site.paths)
    return missing(engine_runs=engine_runs, base_is_public=public)


def missing(*, engine_runs: bool, base_is_public: bool) -> list[str]:
    """Packages to install for git, docker, our own Docker engine and the base image."""
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


def _exists(runner: Runner, package: str) -> bool:
    try:
        return bool(runner.run(["apt-cache", "show", "--no-all-versions", package]).strip())
    except CommandError:
        return False
