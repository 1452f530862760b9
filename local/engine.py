"""The Pulumi engine: the user's with its Python language host, or one built from source."""

import shlex
import shutil
import sys
from pathlib import Path

from local.gobuild import install, is_installed
from local.paths import Paths
from local.record import write
from local.site import Site
from local.steps import Report
from local.tools import PULUMI

LANGUAGE_HOST = "pulumi-language-python"


def user_engine() -> Path | None:
    """The user's `pulumi` if it has the official Python language host, else None."""
    found = shutil.which("pulumi")
    if not found:
        return None
    beside = Path(found).resolve().parent / LANGUAGE_HOST
    return Path(found) if beside.exists() or shutil.which(LANGUAGE_HOST) else None


def done(site: Site) -> str | None:
    """Version and path of the user's engine, or of our own if it is up to date; else None."""
    found = user_engine()
    site.use(own_engine=found is None)
    if found:
        return f"Pulumi {site.runner.run([str(found), 'version']).strip()}, {found}"
    own, host = site.paths.bin / "pulumi", site.paths.bin / LANGUAGE_HOST
    if not is_installed(site.tools.path(PULUMI), own):
        return None
    return _describe(own) if host.exists() and host.read_text() == launcher(site.paths) else None


def ensure(site: Site, report: Report) -> str:
    """Builds our own engine and installs it with our language host."""
    own = site.paths.bin / "pulumi"
    install(site.tools.build(PULUMI, report), own)
    write(site.paths.bin / LANGUAGE_HOST, launcher(site.paths), mode=0o755)
    return _describe(own)


def launcher(paths: Paths, python: str = sys.executable) -> str:
    """Script that starts our language host from this checkout, with its bytecode in the state directory."""
    checkout, bytecode = shlex.quote(str(paths.checkout)), shlex.quote(str(paths.state / "bytecode"))
    return (
        "#!/bin/sh\n"
        "unset PYTHONDONTWRITEBYTECODE\n"
        f"PYTHONPATH={checkout} PYTHONPYCACHEPREFIX={bytecode} "
        f'exec {shlex.quote(python)} -u -m local.language_host "$@"\n'
    )


def _describe(pulumi: Path) -> str:
    return f"Pulumi {PULUMI.version}, {pulumi}"
