"""Image builds of pulumi-docker-build and pulumi-docker, with their Dockerfiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from ..model import Resource
from ..values import UNKNOWN, Path, entries, get, items, text
from .dockerfile_text import Dockerfile, Stage, expand, pairs, parse

PROJECT = File(__file__).resolve().parents[2]
"""The project: paths of Dockerfiles are relative to it."""
_ARGUMENTS: dict[str, Path] = {
    "docker-build:index:Image": ("buildArgs",),
    "docker:index/image:Image": ("build", "args"),
}
"""Paths of the build arguments, by type."""


@dataclass(frozen=True, kw_only=True)
class Build:
    """An image build with a readable Dockerfile."""

    path: Path
    """Path of the property that gives the Dockerfile."""
    dockerfile: Dockerfile
    arguments: Any
    """Build arguments by name."""
    contexts: Any
    """Named build contexts, by the name that FROM uses."""
    target: Any
    """Stage to build; None for the last."""

    def stage(self) -> Stage | None:
        """The stage that becomes the image; None if unknown."""
        stages = self.dockerfile.stages
        if self.target in (None, ""):
            return stages[-1] if stages else None
        return find_stage(stages, text(self.target) or "")

    def before(self, stage: Stage) -> Sequence[Stage]:
        """The stages before one."""
        return self.dockerfile.stages[: self.dockerfile.stages.index(stage)]

    def variables(self) -> dict[str, str | None]:
        """Variables for FROM by name; None for unknown values."""
        found: dict[str, str | None] = {}
        for instruction in self.dockerfile.arguments:
            for name, default in pairs(instruction):
                found[name] = self.argument(name, None if default is None else expand(default, found))
        return found

    def argument(self, name: str, default: str | None) -> str | None:
        """Value of an ARG; None if unknown."""
        given = get(self.arguments, name)
        return default if given is None else text(given)


def find_stage(stages: Sequence[Stage], name: str) -> Stage | None:
    """The last stage with a name."""
    return next((stage for stage in reversed(stages) if name and stage.name == name.lower()), None)


def arguments_path(resource: Resource) -> Path | None:
    """Path of the build arguments; None for resources that build no image."""
    return _ARGUMENTS.get(resource.type)


def find_build(resource: Resource) -> Build | None:
    """The image build of a resource; None if it has none, or its Dockerfile cannot be read."""
    arguments = arguments_path(resource)
    found = _dockerfile(resource) if arguments else None
    if not arguments or not found:
        return None
    path, source = found
    target = get(resource.props, *arguments[:-1], "target")
    return Build(
        path=path,
        dockerfile=parse(source),
        arguments=get(resource.props, *arguments),
        contexts=get(resource.props, "context", "named"),
        target=target,
    )


def _dockerfile(resource: Resource) -> tuple[Path, str] | None:
    """Path of the property that gives the Dockerfile, and its text."""
    if resource.type == "docker:index/image:Image":
        return _file(resource, ("build", "dockerfile"), ("build", "context"))
    path: Path = ("dockerfile", "inline")
    inline = get(resource.props, *path)
    if inline is not None:
        return (path, inline) if isinstance(inline, str) else None
    return _file(resource, ("dockerfile", "location"), ("context", "location"))


def _file(resource: Resource, path: Path, context: Path) -> tuple[Path, str] | None:
    """Path and text of a Dockerfile in the project, given by path or by its context."""
    given, folder = get(resource.props, *path), get(resource.props, *context)
    name = text(given if given is not None else f"{folder}/Dockerfile" if isinstance(folder, str) else None)
    if not name or File(name).is_absolute():
        return None
    try:
        return (path if given is not None else context), (PROJECT / name).read_text()
    except (OSError, ValueError):  # missing, or not text
        return None


def makes_no_image(resource: Resource) -> bool:
    """Whether a build only exports files, or may."""
    exports = get(resource.props, "exports")
    if exports is UNKNOWN:
        return True
    kinds = [set(entries(each)) - {"disabled"} for each in items(exports)]
    files = bool(kinds) and all(kind <= {"local", "tar"} for kind in kinds)
    return files and get(resource.props, "push") is not True
