"""The Pulumi engine: the user's where there is one with its Python host, else one built from source."""

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


def users() -> Path | None:
    """The user's own `pulumi`, if it comes with the official language host."""
    found = shutil.which("pulumi")
    if not found:
        return None
    beside = Path(found).resolve().parent / LANGUAGE_HOST
    return Path(found) if beside.exists() or shutil.which(LANGUAGE_HOST) else None


def done(site: Site) -> str | None:
    """Version and place of the user's engine, or of our own if it is installed as it would be now."""
    found = users()
    site.use(own_engine=found is None)
    if found:
        return f"Pulumi {site.runner.run([str(found), 'version']).strip()}, {found}"
    own, host = site.paths.bin / "pulumi", site.paths.bin / LANGUAGE_HOST
    if not is_installed(site.tools.path(PULUMI), own):
        return None
    return _describe(own) if host.exists() and host.read_text() == launcher(site.paths) else None


def ensure(site: Site, report: Report) -> str:
    """Builds our own engine and puts it into the environment, with the language host beside it."""
    own = site.paths.bin / "pulumi"
    install(site.tools.build(PULUMI, report), own)
    write(site.paths.bin / LANGUAGE_HOST, launcher(site.paths), mode=0o755)
    return _describe(own)


def launcher(paths: Paths, python: str = sys.executable) -> str:
    """Text of the language host: a module of this checkout, its bytecode kept in the state directory."""
    checkout, bytecode = shlex.quote(str(paths.checkout)), shlex.quote(str(paths.state / "bytecode"))
    return (
        "#!/bin/sh\n"
        "unset PYTHONDONTWRITEBYTECODE\n"
        f"PYTHONPATH={checkout} PYTHONPYCACHEPREFIX={bytecode} "
        f'exec {shlex.quote(python)} -u -m local.language_host "$@"\n'
    )


def _describe(pulumi: Path) -> str:
    return f"Pulumi {PULUMI.version}, {pulumi}"
