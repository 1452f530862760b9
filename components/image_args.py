"""What an image is built from, and the rules for it."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import pulumi

from . import references
from .dockerfile import BASE_IMAGES, Base, Recipe
from .go_platforms import platform
from .rules import in_range, one_of, require, when
from .version import Version

Builder = Literal["buildkit", "docker"]


@dataclass(frozen=True, kw_only=True)
class GoImageArgs:
    """Arguments of GoImage. Raises ArgsError, listing everything that is wrong."""

    repository: str
    """Where the image is pushed: registry host and path, without tag or digest."""
    context: str = "app"
    """Directory of the Go module, relative to the program."""
    package: str = "./cmd/server"
    """Go package to build, relative to the context."""
    port: int = 8080
    """TCP port the image exposes, 1024-65535."""
    builder: Builder = "buildkit"
    """`buildkit` uses pulumi-docker-build; `docker` uses pulumi-docker, for engines without BuildKit: one
    platform, no cache written, and the version as the only tag."""
    go_version: str = "1.26"
    """Go release of the default builder image."""
    builder_image: str = ""
    """Builder image instead of `golang:<go_version>-alpine`; it carries Go, CA certificates and zoneinfo."""
    base: Base = "scratch"
    """Kind of final image."""
    base_image: str = ""
    """Reference of the alpine or distroless base instead of the default."""
    platforms: tuple[str, ...] = ("linux/amd64", "linux/arm64")
    """Platforms under the image's manifest list, such as linux/amd64."""
    build_tags: tuple[str, ...] = ()
    """Go build tags."""
    version_variable: str = "main.Version"
    """Go variable that receives the version at link time."""
    commit_variable: str = "main.GitCommit"
    """Go variable that receives the full commit hash."""
    time_variable: str = "main.BuildTime"
    """Go variable that receives the commit's time, RFC 3339."""
    build_on_preview: bool = False
    """Build, but never push, in previews."""
    cache_from: tuple[str, ...] = ()
    """Image references whose build cache is read."""
    cache_to: tuple[str, ...] = ()
    """Image references the build cache is written to."""
    username: str = ""
    """Registry user to push as; empty uses the Docker client's own login."""
    password: pulumi.Input[str] = field(default="", repr=False)
    """Registry password or token; kept secret."""
    overwrite_tags: bool = False
    """Set the tag of a version also where the registry has it with another digest, and not fail; that of the
    commit too. Tags of uncommitted sources, `latest` and `stable` always move."""
    pin: str = ""
    """Release to run instead of building one, `version@sha256:…`; the registry has to have it."""
    version: Version | None = None
    """What the build is called; None asks git about the context."""

    def __post_init__(self) -> None:
        require(
            self,
            ("repository", references.repository(self.repository)),
            ("context", _context(self.context)),
            ("package", _package(self.context, self.package)),
            ("port", in_range(self.port, 1024, 65535)),
            ("builder", one_of(self.builder, get_args(Builder))),
            ("go_version", _go_version(self.go_version)),
            ("builder_image", references.fixed(self.builder_image) if self.builder_image else None),
            ("base", one_of(self.base, get_args(Base))),
            ("base_image", _base_image(self.base, self.base_image), "base"),
            *_platforms(self.platforms, self.builder),
            *(("build_tags", _build_tag(tag)) for tag in self.build_tags),
            ("version_variable", _variable(self.version_variable)),
            ("commit_variable", _variable(self.commit_variable)),
            ("time_variable", _variable(self.time_variable)),
            *(("cache_from", references.reference(ref)) for ref in self.cache_from),
            *(("cache_to", references.reference(ref)) for ref in self.cache_to),
            ("cache_to", _cache_to(self.cache_to, self.builder), "builder"),
            ("pin", _pin(self.pin) if self.pin else None),
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


def _pin(pin: str) -> str | None:
    broken = not re.fullmatch(r"[\w.-]+@sha256:[0-9a-f]{64}", pin, re.ASCII)
    return when(broken, f'"{pin}" is no release; use version@sha256:…, as `make history` shows them')


def _context(context: str) -> str | None:
    if Path(context).is_absolute():
        return f'"{context}" is absolute, and would differ between machines; make it relative to the program'
    found = Path(context, "go.mod").is_file()
    return when(not found, f'"{context}" has no go.mod; name the directory of a Go module')


def _package(context: str, package: str) -> str | None:
    if not re.fullmatch(r"\.(/[\w.-]+)*", package, re.ASCII):
        return f'"{package}" is not a package path; use one relative to the context, such as ./cmd/server'
    missing = Path(context, "go.mod").is_file() and not Path(context, package).is_dir()
    return when(missing, f'"{package}" is no directory of "{context}"; name the one with the main package')


def _go_version(version: str) -> str | None:
    broken = not re.fullmatch(r"1\.\d+(\.\d+)?", version, re.ASCII)
    return when(broken, f'"{version}" is not a Go release; use such as 1.26 or 1.26.8')


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
    return [("platforms", reason) for reason in (*map(platform, platforms), many, none, twice)]


def _build_tag(tag: str) -> str | None:
    broken = not re.fullmatch(r"[\w.]+", tag)
    return when(broken, f'"{tag}" is not a build tag; use letters, digits, _ and .')


def _variable(name: str) -> str | None:
    broken = not re.fullmatch(r"[\w./-]+\.[A-Za-z_]\w*", name, re.ASCII)
    return when(broken, f'"{name}" is not a Go variable; use package and name, such as main.Version')


def _cache_to(cache: tuple[str, ...], builder: str) -> str | None:
    broken = bool(cache) and builder == "docker"
    return when(broken, "the docker builder writes no cache; leave it out or use the builder buildkit")


def _half(one: pulumi.Input[str], other: pulumi.Input[str]) -> bool:
    """Whether the one is given without the other; an Output counts as given."""
    return one != "" and isinstance(other, str) and not other
