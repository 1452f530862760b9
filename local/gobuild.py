"""Tools built from Go modules, kept in the cache by the hash of all they are built from."""

import hashlib
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.process import Runner
from local.steps import Report

# One compiler run at a time: each uses every core already, and three at once need three times the memory.
_COMPILER = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class GoTool:
    """A program to build: the module directory `source` (go.mod, go.sum, Go files) and the package in it."""

    name: str
    version: str
    source: Path
    package: str
    ldflags: str = "-s -w"
    env: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def flags(self) -> list[str]:
        return ["-trimpath", "-ldflags", self.ldflags]


def key(tool: GoTool, go_version: str) -> str:
    """Hash of everything that goes into the binary, 16 hexadecimal digits."""
    digest = hashlib.sha256()
    inputs = sorted(path for path in tool.source.iterdir() if path.suffix in {".mod", ".sum", ".go"})
    for path in inputs:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    for text in (tool.name, tool.version, tool.package, *tool.flags, *sorted(tool.env.items()), go_version):
        digest.update(f"{text}\n".encode())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Builder:
    """Builds tools into `cache`, with the Go on PATH."""

    cache: Path
    logs: Path
    runner: Runner

    def path(self, tool: GoTool) -> Path:
        """Where the built tool is, or will be."""
        return self.cache / "tools" / f"{tool.name}-{key(tool, go_version(self.runner))}" / tool.name

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

        def go(*arguments: str, on_line: Callable[[str], None]) -> None:
            command = ["go", *arguments, tool.package]
            self.runner.run(command, cwd=tool.source, env=environment, log=log, on_line=on_line)

        # Listing needs the modules, but not the compiler: downloads overlap with another tool's build.
        go("list", "-deps", on_line=downloading)
        report("waiting for the compiler")
        with _COMPILER:
            report("compiling")
            go("build", "-v", *tool.flags, "-o", str(new), on_line=compiling)
        new.replace(target)
        return target


def go_version(runner: Runner) -> str:
    """Release of the Go on PATH, such as go1.26.8."""
    return runner.run(["go", "env", "GOVERSION"], cwd=Path(os.sep)).strip()
