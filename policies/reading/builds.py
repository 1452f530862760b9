"""Image builds of pulumi-docker-build and pulumi-docker, and the Dockerfiles they are from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from ..model import Resource
from ..values import UNKNOWN, Path, entries, get, items, text
from .dockerfile_text import Dockerfile, Stage, expand, pairs, parse

PROJECT = File(__file__).resolve().parents[2]
"""Where Dockerfiles lie that are given by path: the project that this folder belongs to."""
_ARGUMENTS: dict[str, Path] = {
    "docker-build:index:Image": ("buildArgs",),
    "docker:index/image:Image": ("build", "args"),
}
"""Where the build arguments are, by type."""


@dataclass(frozen=True, kw_only=True)
class Build:
    """An image build whose Dockerfile can be seen."""

    path: Path
    """Of the property that gives the Dockerfile."""
    dockerfile: Dockerfile
    arguments: Any
    """Build arguments by name."""
    contexts: Any
    """Other contexts than images by the name FROM may use for them."""
    target: Any
    """Stage to build; None for the last."""

    def stage(self) -> Stage | None:
        """The stage that becomes the image; None if that is unknown."""
        stages = self.dockerfile.stages
        if self.target in (None, ""):
            return stages[-1] if stages else None
        return named(stages, text(self.target) or "")

    def before(self, stage: Stage) -> Sequence[Stage]:
        """The stages ahead of one."""
        return self.dockerfile.stages[: self.dockerfile.stages.index(stage)]

    def variables(self) -> dict[str, str | None]:
        """Variables in FROM, None where one is not known."""
        found: dict[str, str | None] = {}
        for instruction in self.dockerfile.arguments:
            for name, default in pairs(instruction):
                found[name] = self.argument(name, None if default is None else expand(default, found))
        return found

    def argument(self, name: str, default: str | None) -> str | None:
        """Value of an ARG; None if it is not known."""
        given = get(self.arguments, name)
        return default if given is None else text(given)


def named(stages: Sequence[Stage], name: str) -> Stage | None:
    """The last of some stages with a name."""
    return next((stage for stage in reversed(stages) if name and stage.name == name.lower()), None)


def arguments_path(resource: Resource) -> Path | None:
    """Path of the build arguments; None of resources that build no image."""
    return _ARGUMENTS.get(resource.type)


def build(resource: Resource) -> Build | None:
    """The build of a resource; None where it has none, or its Dockerfile cannot be seen."""
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
    """Text of a Dockerfile in the project, at a path or in its context."""
    given, folder = get(resource.props, *path), get(resource.props, *context)
    name = text(given if given is not None else f"{folder}/Dockerfile" if isinstance(folder, str) else None)
    if not name or File(name).is_absolute():
        return None
    try:
        return (path if given is not None else context), (PROJECT / name).read_text()
    except (OSError, ValueError):  # not there, or no text: nothing to see
        return None


def makes_no_image(resource: Resource) -> bool:
    """Whether a build only writes files, or may."""
    exports = get(resource.props, "exports")
    if exports is UNKNOWN:
        return True
    kinds = [set(entries(each)) - {"disabled"} for each in items(exports)]
    files = bool(kinds) and all(kind <= {"local", "tar"} for kind in kinds)
    return files and get(resource.props, "push") is not True
