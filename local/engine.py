"""The Pulumi engine: the user's where there is one with its Python host, else one built from source."""

import shlex
import shutil
import sys
from pathlib import Path

from local.gobuild import Builder, install, is_installed
from local.paths import Paths
from local.process import Runner
from local.record import write
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


def done(builder: Builder, paths: Paths) -> str | None:
    """The engine's version and place if our own is installed as it would be now, else None."""
    engine, host = paths.bin / "pulumi", paths.bin / LANGUAGE_HOST
    if not is_installed(builder.path(PULUMI), engine):
        return None
    return describe(engine) if host.exists() and host.read_text() == launcher(paths) else None


def ensure(builder: Builder, paths: Paths, report: Report) -> str:
    """Builds our own engine and puts it into the environment, with the language host beside it."""
    engine = paths.bin / "pulumi"
    install(builder.build(PULUMI, report), engine)
    write(paths.bin / LANGUAGE_HOST, launcher(paths), mode=0o755)
    return describe(engine)


def launcher(paths: Paths, python: str = sys.executable) -> str:
    """Text of the language host: a module of this checkout, its bytecode kept in the state directory."""
    checkout, bytecode = shlex.quote(str(paths.checkout)), shlex.quote(str(paths.state / "bytecode"))
    return (
        "#!/bin/sh\n"
        "unset PYTHONDONTWRITEBYTECODE\n"
        f"PYTHONPATH={checkout} PYTHONPYCACHEPREFIX={bytecode} "
        f'exec {shlex.quote(python)} -u -m local.language_host "$@"\n'
    )


def describe(pulumi: Path) -> str:
    return f"Pulumi {PULUMI.version}, {pulumi}"


def users_version(runner: Runner, pulumi: Path) -> str:
    return f"Pulumi {runner.run([str(pulumi), 'version']).strip()}, {pulumi}"
