"""Builds tools from Go modules, cached by a hash of their inputs."""

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

# One compiler run at a time: each uses every core, and several at once need several times the memory.
_COMPILER = threading.Lock()
# Template for `go list` that prints nothing, so that its last lines are errors.
NO_OUTPUT = '{{""}}'


@dataclass(frozen=True, kw_only=True)
class GoTool:
    """A program to build. source: directory with go.mod and go.sum. package: path there or in a module.

    embedded: a package of a module, and files of it that `source` embeds as if it contained them.
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
    """Hash of all inputs of the binary, 16 hexadecimal digits."""
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
        """Version of Go on PATH, such as go1.26.8."""
        return self.runner.run(["go", "env", "GOVERSION"], cwd=Path(os.sep)).strip()

    def path(self, tool: GoTool) -> Path:
        """Path of the built tool, whether or not it exists."""
        return self.cache / "tools" / f"{tool.name}-{key(tool, self.go_version)}" / tool.name

    def build(self, tool: GoTool, report: Report) -> Path:
        """Builds the tool unless it is in the cache, atomically. Returns its path."""
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
            # -e, because the package does not compile without these files.
            directory = go("list", "-e", "-f", "{{.Dir}}", package, on_line=downloading).splitlines()[-1]
            replaced = {str(tool.source / name): f"{directory}/{name}" for name in files}
            overlay = ["-overlay", str(target.with_name("overlay.json"))]
            write(Path(overlay[1]), json.dumps({"Replace": replaced}))
        # Downloads the modules without the compiler, while another tool is compiled.
        go("list", "-deps", "-f", NO_OUTPUT, *overlay, tool.package, on_line=downloading)
        report("waiting for the compiler")
        with _COMPILER:
            report("compiling")
            go("build", "-v", *overlay, *tool.flags, "-o", str(new), tool.package, on_line=compiling)
        new.replace(target)
        return target


def install(built: Path, target: Path) -> None:
    """Installs a built program as a hard link, or as a copy on another file system."""
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
    """Whether `install` has installed this build as the target."""
    if not built.exists() or not target.exists() or target.is_symlink():
        return False
    one, other = built.stat(), target.stat()
    return (one.st_size, one.st_mtime) == (other.st_size, other.st_mtime)
