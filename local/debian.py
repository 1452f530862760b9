"""The Debian base image: pulled where it can be, else made of Debian packages."""

import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from local import images, probes
from local.paths import Paths
from local.privilege import privileged
from local.process import CommandError, Runner
from local.steps import Report

RELEASE = "bookworm"
PUBLIC = f"debian:{RELEASE}-slim"
MIRROR = "http://deb.debian.org/debian"
# Part of the image's hash: raise it when the way it is made changes.
RECIPE = "1"
CHUNK = 1 << 20


def ensure(runner: Runner, paths: Paths, report: Report) -> str:
    """Has the base image in the engine. Returns where it came from."""
    log = paths.logs / "base-image.log"
    if probes.reachable(probes.DOCKER_HUB, paths):
        report(f"pulling {PUBLIC}")
        try:
            runner.run(["docker", "pull", PUBLIC], log=log, on_line=report)
            runner.run(["docker", "tag", PUBLIC, images.BASE])
            return f"{PUBLIC} from the public registry"
        except CommandError:
            probes.remember(probes.DOCKER_HUB, False, paths)
    archive = paths.cache / "images" / f"debian-{RELEASE}-{RECIPE}.tar"
    if not archive.exists():
        _debootstrap(runner, archive, log, report)
    report("importing it into Docker")
    label = f"LABEL {images.KEY_LABEL}={RELEASE}-{RECIPE}"
    runner.run(
        ["docker", "import", "--change", label, "--change", 'CMD ["bash"]', "-", images.BASE],
        feed=_pieces(archive),
        log=log,
    )
    return f"Debian {RELEASE} from packages"


def _debootstrap(runner: Runner, archive: Path, log: Path, report: Report) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    new = archive.with_suffix(".new")
    with tempfile.TemporaryDirectory(prefix="goservice-") as directory:
        root = Path(directory) / "root"
        try:
            runner.run(
                privileged(["debootstrap", "--variant=minbase", RELEASE, str(root), machine_mirror()]),
                log=log,
                on_line=lambda line: report(line.removeprefix("I: ")),
            )
            report("packing it")
            excluded = [f"--exclude=./{path}" for path in ("proc/*", "sys/*", "var/cache/apt/archives/*.deb")]
            runner.run(privileged(["tar", "-C", str(root), *excluded, "-cf", str(new), "."]), log=log)
        finally:
            # Root's files; an interrupted debootstrap may leave /proc and /sys mounted as well.
            Runner().run(
                privileged(
                    ["sh", "-c", 'umount -l "$1/proc" "$1/sys" 2>/dev/null; rm -rf "$1"', "sh", str(root)]
                )
            )
    new.replace(archive)


def machine_mirror(sources: Iterable[Path] | None = None) -> str:
    """The Debian mirror this machine's apt uses; Debian's own where it is not a Debian machine."""
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


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while piece := content.read(CHUNK):
            yield piece
