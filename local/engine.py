"""The Pulumi engine: the user's where there is one with its Python host, else one built from source."""

import os
import shutil
from pathlib import Path

from local.gobuild import Builder
from local.paths import Paths
from local.plugins_install import launcher
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
    built, host = builder.path(PULUMI), paths.bin / LANGUAGE_HOST
    if not built.exists() or not same(built, paths.bin / "pulumi"):
        return None
    if not host.exists() or host.read_text() != launcher("local.language_host", paths):
        return None
    return describe(paths.bin / "pulumi")


def ensure(builder: Builder, paths: Paths, report: Report) -> str:
    """Builds our own engine and puts it and the language host into the environment."""
    built = builder.build(PULUMI, report)
    paths.bin.mkdir(parents=True, exist_ok=True)
    engine = paths.bin / "pulumi"
    if not same(built, engine):
        new = engine.with_name(".pulumi.new")
        new.unlink(missing_ok=True)
        try:
            os.link(built, new)
        except OSError:  # another file system
            shutil.copy2(built, new)
        new.replace(engine)
    write(paths.bin / LANGUAGE_HOST, launcher("local.language_host", paths), mode=0o755)
    return describe(engine)


def same(built: Path, installed: Path) -> bool:
    """Whether a file is a link to or a copy of another; not symbolic, as the host is looked for beside it."""
    if not installed.exists() or installed.is_symlink():
        return False
    one, other = built.stat(), installed.stat()
    return (one.st_size, one.st_mtime) == (other.st_size, other.st_mtime)


def describe(pulumi: Path) -> str:
    return f"Pulumi {PULUMI.version}, {pulumi}"


def users_version(runner: Runner, pulumi: Path) -> str:
    return f"Pulumi {runner.run([str(pulumi), 'version']).strip()}, {pulumi}"
