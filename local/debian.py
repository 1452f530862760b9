"""The Debian base image: pulled, or built from Debian packages."""

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from local import images
from local.privilege import as_root
from local.process import Runner
from local.site import Site
from local.steps import Report

RELEASE = "bookworm"
PUBLIC = f"debian:{RELEASE}-slim"
MIRROR = "http://deb.debian.org/debian"
# Part of the archive's name and the image's label: raise it when the build changes.
RECIPE = "1"


def done(site: Site) -> str | None:
    """The base image's tag if the engine has it, from any source; else None."""
    return images.BASE if images.exists(site, images.BASE) else None


def ensure(site: Site, report: Report) -> str:
    """Pulls or builds the base image. Returns its source."""
    log = site.log("image-debian")
    if images.pull(site, PUBLIC, log, report):
        site.runner.run(["docker", "tag", PUBLIC, images.BASE])
        return f"{PUBLIC} from the public registry"
    archive = site.paths.cache / "images" / f"debian-{RELEASE}-{RECIPE}.tar"
    if not archive.exists():
        _debootstrap(site.runner, archive, log, report)
    report("importing it into Docker")
    changes = ("--change", f"LABEL {images.KEY_LABEL}={RELEASE}-{RECIPE}", "--change", 'CMD ["bash"]')
    site.runner.run(["docker", "import", *changes, str(archive), images.BASE], log=log)
    return f"Debian {RELEASE} from packages"


def _debootstrap(runner: Runner, archive: Path, log: Path, report: Report) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    new = archive.with_suffix(".new")
    with tempfile.TemporaryDirectory(prefix="goservice-") as directory:
        root = Path(directory) / "root"
        bootstrap = ["debootstrap", "--variant=minbase", RELEASE, str(root), machine_mirror()]
        try:
            runner.run(as_root(bootstrap), log=log, on_line=lambda line: report(line.removeprefix("I: ")))
            report("packing it")
            excluded = [f"--exclude=./{path}" for path in ("proc/*", "sys/*", "var/cache/apt/archives/*.deb")]
            runner.run(as_root(["tar", "-C", str(root), *excluded, "-cf", str(new), "."]), log=log)
        finally:
            # The files are root's; an interrupted debootstrap may also leave /proc and /sys mounted.
            tidy = 'umount -l "$1/proc" "$1/sys" 2>/dev/null; rm -rf "$1"'
            Runner().run(as_root(["sh", "-c", tidy, "sh", str(root)]))
    new.replace(archive)


def machine_mirror(sources: Iterable[Path] | None = None) -> str:
    """The Debian mirror that this machine's apt uses; Debian's default on other machines."""
    etc = Path("/etc/apt")
    files = sources or [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]
    for file in files:
        if not file.is_file():
            continue
        found = re.search(
            r"^(?:deb\s+(?:\[[^]]*\]\s*)?|URIs:\s*)(https?://\S*/debian)/?(?=\s|$)",
            file.read_text(),
            re.MULTILINE,
        )
        if found:
            return found[1]
    return MIRROR
