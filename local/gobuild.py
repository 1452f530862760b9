"""Tools built from Go modules, kept in the cache by the hash of all they are built from."""

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from local.process import Runner
from local.record import write
from local.steps import Report

# One compiler run at a time: each uses every core already, and three at once need three times the memory.
_COMPILER = threading.Lock()
# Template that has `go list` print no package, so that its last lines are errors.
SILENT = '{{""}}'


@dataclass(frozen=True, kw_only=True)
class GoTool:
    """A program to build: the directory `source` (go.mod, go.sum) and a package there or in a module.

    embedded: a package of a module and files beside it that the program embeds as if they were in `source`.
    """

    name: str
    version: str
    source: Path
    package: str
    ldflags: str = "-s -w"
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    embedded: tuple[str, tuple[str, ...]] | None = None

    @property
    def flags(self) -> list[str]:
        return ["-trimpath", "-ldflags", self.ldflags]


def key(tool: GoTool, go_version: str) -> str:
    """Hash of everything that goes into the binary, 16 hexadecimal digits."""
    digest = hashlib.sha256()
    names = ["go.mod", "go.sum", *([f"{tool.package}/*.go"] if tool.package.startswith(".") else [])]
    for path in sorted(path for name in names for path in tool.source.glob(name)):
        if path.name.endswith("_test.go"):
            continue
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    settings = (tool.name, tool.version, tool.package, *tool.flags, *sorted(tool.env.items()), tool.embedded)
    for text in (*settings, go_version):
        digest.update(f"{text}\n".encode())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Builder:
    """Builds tools into `cache`, with the Go on PATH."""

    cache: Path
    logs: Path
    runner: Runner

    @cached_property
    def go_version(self) -> str:
        """Release of the Go on PATH, such as go1.26.8."""
        return self.runner.run(["go", "env", "GOVERSION"], cwd=Path(os.sep)).strip()

    def path(self, tool: GoTool) -> Path:
        """Where the built tool is, or will be."""
        return self.cache / "tools" / f"{tool.name}-{key(tool, self.go_version)}" / tool.name

    def build(self, tool: GoTool, report: Report) -> Path:
        """The tool, built if it is not in the cache. It appears there whole or not at all."""
        target = self.path(tool)
        if target.exists():
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        new = target.with_name(f".{tool.name}.new")
        log = self.logs / f"build-{tool.name}.log"
        environment = {**tool.env, "GOWORK": "off", "GOFLAGS": "-buildvcs=false"}
        report("looking for Go modules")
        modules = compiled = 0

        def downloading(line: str) -> None:
            nonlocal modules
            if line.startswith("go: downloading"):
                modules += 1
                report(f"downloaded {modules} Go modules")

        def compiling(line: str) -> None:
            nonlocal compiled
            compiled += 1
            report(f"compiled {compiled} packages, now {line.removeprefix('vendor/')}")

        def go(*arguments: str, on_line: Callable[[str], None]) -> str:
            return self.runner.run(
                ["go", *arguments], cwd=tool.source, env=environment, log=log, on_line=on_line
            )

        overlay: list[str] = []
        if tool.embedded:
            package, files = tool.embedded
            # -e: it lacks these very files, under other names.
            directory = go("list", "-e", "-f", "{{.Dir}}", package, on_line=downloading).splitlines()[-1]
            replaced = {str(tool.source / name): f"{directory}/{name}" for name in files}
            overlay = ["-overlay", str(target.with_name("overlay.json"))]
            write(Path(overlay[1]), json.dumps({"Replace": replaced}))
        # Listing needs the modules, but not the compiler: downloads overlap with another tool's build.
        go("list", "-deps", "-f", SILENT, *overlay, tool.package, on_line=downloading)
        report("waiting for the compiler")
        with _COMPILER:
            report("compiling")
            go("build", "-v", *overlay, *tool.flags, "-o", str(new), tool.package, on_line=compiling)
        new.replace(target)
        return target


def install(built: Path, target: Path) -> None:
    """Puts a built program where it is looked for: linked, so that it takes no room of its own, or copied."""
    if is_installed(built, target):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_name(f".{target.name}.new")
    new.unlink(missing_ok=True)
    try:
        os.link(built, new)
    except OSError:  # another file system
        shutil.copy2(built, new)
    new.replace(target)


def is_installed(built: Path, target: Path) -> bool:
    """Whether a file is what `install` made of a built program."""
    if not built.exists() or not target.exists() or target.is_symlink():
        return False
    one, other = built.stat(), target.stat()
    return (one.st_size, one.st_mtime) == (other.st_size, other.st_mtime)
