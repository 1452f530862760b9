"""What an image is built from, and the rules for it."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import pulumi

from ..shared import Between, or_empty, references, require, when
from .dockerfile import BASE_IMAGES, Base, Recipe
from .platforms import platform
from .version import Version

Builder = Literal["buildkit", "docker"]


def _pin(pin: str) -> str | None:
    broken = not re.fullmatch(r"[\w.-]+@sha256:[0-9a-f]{64}", pin, re.ASCII)
    return when(broken, f'"{pin}" is not a release; use version@sha256:…, as `make history` shows them')


def _context(context: str) -> str | None:
    if Path(context).is_absolute():
        return f'"{context}" is absolute, and would differ between machines; make it relative to the program'
    found = Path(context, "go.mod").is_file()
    return when(not found, f'"{context}" has no go.mod; name the directory of a Go module')


def _go_version(version: str) -> str | None:
    broken = not re.fullmatch(r"1\.\d+(\.\d+)?", version, re.ASCII)
    return when(broken, f'"{version}" is not a Go release; use such as 1.26 or 1.26.8')


def _build_tag(tag: str) -> str | None:
    broken = not re.fullmatch(r"[\w.]+", tag)
    return when(broken, f'"{tag}" is not a build tag; use letters, digits, _ and .')


def _variable(name: str) -> str | None:
    broken = not re.fullmatch(r"[\w./-]+\.[A-Za-z_]\w*", name, re.ASCII)
    return when(broken, f'"{name}" is not a Go variable; use package and name, such as main.Version')


@dataclass(frozen=True, kw_only=True)
class GoImageArgs:
    """Arguments of GoImage. Raises ArgsError, listing everything that is wrong."""

    repository: Annotated[str, references.repository]
    """Where the image is pushed: registry host and path, without tag or digest."""
    context: Annotated[str, _context] = "app"
    """Directory of the Go module, relative to that of Pulumi.yaml."""
    package: str = "./cmd/server"
    """Go package to build, relative to the context."""
    port: Annotated[int, Between(1024, 65535)] = 8080
    """TCP port the image exposes, 1024-65535."""
    builder: Builder = "buildkit"
    """`buildkit` uses pulumi-docker-build; `docker` uses pulumi-docker, for engines without BuildKit: one
    platform, no cache written, and the version as the only tag."""
    go_version: Annotated[str, _go_version] = "1.26"
    """Go release of the default builder image, `golang:<version>-alpine`."""
    builder_image: Annotated[str, or_empty(references.fixed)] = ""
    """Builder image to use instead of the default, such as a mirror's; it has to hold Go, CA certificates and
    zoneinfo."""
    base: Base = "scratch"
    """Base of the final image."""
    base_image: str = ""
    """Reference of the alpine or distroless base to use instead of the default, such as a mirror's."""
    platforms: tuple[Annotated[str, platform], ...] = ("linux/amd64", "linux/arm64")
    """Platforms in the image's manifest list."""
    build_tags: tuple[Annotated[str, _build_tag], ...] = ()
    """Go build tags."""
    version_variable: Annotated[str, _variable] = "main.Version"
    """Go variable that receives the version at link time."""
    commit_variable: Annotated[str, _variable] = "main.GitCommit"
    """Go variable that receives the full commit hash."""
    time_variable: Annotated[str, _variable] = "main.BuildTime"
    """Go variable that receives the commit's time, RFC 3339."""
    build_on_preview: bool = False
    """Build the image in previews too, which push neither the image nor its cache."""
    cache_from: tuple[Annotated[str, references.reference], ...] = ()
    """Image references that the build cache is read from."""
    cache_to: tuple[Annotated[str, references.reference], ...] = ()
    """Image references that the build cache is written to, by updates only."""
    overwrite_tags: bool = False
    """Move the tags of version and commit even if the registry has them with another digest; without this, a
    version's tag fails the update and a commit's stays. Tags of uncommitted sources, `latest` and `stable`
    always move."""
    pin: Annotated[str, or_empty(_pin)] = ""
    """Release to run instead of building one, `version@sha256:…`, which the registry has to hold.
    `make rollback` sets it; builds resume once it is removed."""
    username: str = ""
    """Registry user that the image is pushed as, and pulled as by a pull secret made for it. Empty pushes
    with the Docker client's own login and makes no pull secret."""
    password: pulumi.Input[str] = field(default="", repr=False)
    """Registry password or token of the user, in the pull secret too."""
    version: Version | None = None
    """What the build is called; None asks git about the context."""

    def __post_init__(self) -> None:
        require(
            self,
            ("package", _package(self.context, self.package)),
            ("base_image", _base_image(self.base, self.base_image), "base"),
            *_platforms(self.platforms, self.builder),
            ("cache_to", _cache_to(self.cache_to, self.builder), "builder"),
            ("username", when(_half(self.username, self.password), "is set without a password"), "password"),
            ("password", when(_half(self.password, self.username), "is set without a username"), "username"),
        )

    @property
    def recipe(self) -> Recipe:
        """The Dockerfile these arguments stand for."""
        return Recipe(
            builder_image=self.builder_image or f"golang:{self.go_version}-alpine",
            install_packages=not self.builder_image,
            base_image=self.base_image or BASE_IMAGES[self.base],
            package=self.package,
            build_tags=self.build_tags,
            variables=(self.version_variable, self.commit_variable, self.time_variable),
            port=self.port,
            title=self.repository.rsplit("/", 1)[-1],
            buildkit=self.builder == "buildkit",
        )


def _package(context: str, package: str) -> str | None:
    if not re.fullmatch(r"\.(/[\w.-]+)*", package, re.ASCII):
        return f'"{package}" is not a package path; use one relative to the context, such as ./cmd/server'
    missing = Path(context, "go.mod").is_file() and not Path(context, package).is_dir()
    return when(missing, f'"{package}" is not a directory of "{context}"; name the one with the main package')


def _base_image(base: str, image: str) -> str | None:
    if not image:
        return None
    if base == "scratch":
        return "is set while the base is scratch, which has no image; choose the base alpine or distroless"
    return references.fixed(image)


def _platforms(platforms: tuple[str, ...], builder: str) -> list[tuple[str, str | None]]:
    many = when(
        len(platforms) > 1 and builder == "docker", "the docker builder builds one platform; name one"
    )
    none = when(not platforms, "is empty; name at least one, such as linux/amd64")
    twice = when(len(set(platforms)) < len(platforms), "names a platform twice; leave one out")
    return [("platforms", reason) for reason in (many, none, twice)]


def _cache_to(cache: tuple[str, ...], builder: str) -> str | None:
    broken = bool(cache) and builder == "docker"
    return when(broken, "the docker builder writes no cache; leave it out or use the builder buildkit")


def _half(one: pulumi.Input[str], other: pulumi.Input[str]) -> bool:
    """Whether the one is given without the other; an Output counts as given."""
    return one != "" and isinstance(other, str) and not other
