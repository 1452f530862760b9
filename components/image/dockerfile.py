"""The generated multi-stage Dockerfile of a Go service."""

import json
from dataclasses import dataclass
from typing import Literal

Base = Literal["scratch", "alpine", "distroless"]

BASE_IMAGES: dict[Base, str] = {
    "scratch": "scratch",
    "alpine": "alpine:3.22",
    "distroless": "gcr.io/distroless/static-debian12:nonroot",
}
BINARY = "/service"
_CACHES = ("/var/cache/go-mod", "/var/cache/go-build")
_BY_COMMIT = ("VERSION", "COMMIT", "BUILD_TIME")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a Dockerfile depends on, but for the commit, which comes in as build arguments."""

    builder_image: str
    """Image that carries Go; with `install_packages` an Alpine one."""
    install_packages: bool
    """Install CA certificates and zoneinfo in the build stage; otherwise the builder image carries them."""
    base_image: str
    """Final image, `scratch` included."""
    package: str
    """Go package, relative to the module."""
    build_tags: tuple[str, ...]
    """Go build tags."""
    variables: tuple[str, str, str]
    """Go variables for version, commit and commit time."""
    port: int
    """TCP port the image exposes."""
    title: str
    """Name of the service in the image's labels."""
    buildkit: bool
    """Whether the engine has BuildKit: cache mounts, and cross-compiling instead of emulation."""


def dockerfile(recipe: Recipe) -> str:
    """The text, with VERSION, COMMIT, BUILD_TIME and SOURCE_DATE_EPOCH as build arguments.

    Without BuildKit, which gives them itself, TARGETOS and TARGETARCH are build arguments too.
    """
    return "\n\n".join([_build_stage(recipe), _binary_stage(), _final_stage(recipe)]) + "\n"


def _build_stage(recipe: Recipe) -> str:
    native = "--platform=$BUILDPLATFORM " if recipe.buildkit else ""
    packages = ["RUN apk add --no-cache ca-certificates tzdata"] if recipe.install_packages else []
    return "\n".join(
        [
            f"FROM {native}{recipe.builder_image} AS build",
            *packages,
            "# Go does not read the zones' leap-second and POSIX variants. All files have one time, so that",
            "# all releases share the layer.",
            "RUN mkdir -p /rootfs/etc/ssl/certs /rootfs/usr/share \\",
            "    && cp -L /etc/ssl/certs/ca-certificates.crt /rootfs/etc/ssl/certs/ \\",
            "    && cp -a /usr/share/zoneinfo /rootfs/usr/share/ \\",
            "    && rm -rf /rootfs/usr/share/zoneinfo/right /rootfs/usr/share/zoneinfo/posix \\",
            "    && find /rootfs -exec touch -h -d @0 {} +",
            "WORKDIR /src",
            f"ENV CGO_ENABLED=0 GOTOOLCHAIN=local GOMODCACHE={_CACHES[0]} GOCACHE={_CACHES[1]}",
            "COPY go.mod go.sum* ./",
            _run(recipe, _CACHES[:1], "go mod download"),
            "COPY . .",
            "# What changes with each commit comes after what need not be repeated.",
            *(f"ARG {name}" for name in ("TARGETOS", "TARGETARCH", *_BY_COMMIT, "SOURCE_DATE_EPOCH")),
            _run(recipe, _CACHES, *_go_build(recipe)),
        ]
    )


def _run(recipe: Recipe, caches: tuple[str, ...], *command: str) -> str:
    """A RUN instruction, with cache mounts where the engine has them."""
    mounts = [f"--mount=type=cache,target={cache}" for cache in caches] if recipe.buildkit else []
    return "RUN " + " \\\n    ".join([*mounts, *command])


def _go_build(recipe: Recipe) -> list[str]:
    values = zip(recipe.variables, _BY_COMMIT, strict=True)
    flags = " ".join(["-w -s", *(f"-X {variable}=${argument}" for variable, argument in values)])
    tags = [f"-tags {','.join(recipe.build_tags)}"] if recipe.build_tags else []
    return [
        "GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false",
        *tags,
        f'-ldflags "{flags}"',
        f"-o /out{BINARY} {recipe.package}",
        f'&& touch -d "@$SOURCE_DATE_EPOCH" /out{BINARY}',
    ]


def _binary_stage() -> str:
    return "\n".join(
        [
            "# The binary alone, for machines.",
            "FROM scratch AS binary",
            "COPY --from=build /out/ /",
        ]
    )


def _final_stage(recipe: Recipe) -> str:
    return "\n".join(
        [
            f"FROM {recipe.base_image}",
            "COPY --from=build /rootfs/ /",
            "COPY --from=build /out/ /",
            *(f"ARG {name}" for name in _BY_COMMIT),
            f"LABEL org.opencontainers.image.title={json.dumps(recipe.title)} \\",
            '      org.opencontainers.image.version="$VERSION" \\',
            '      org.opencontainers.image.revision="$COMMIT" \\',
            '      org.opencontainers.image.created="$BUILD_TIME"',
            "USER 65534:65534",
            f"EXPOSE {recipe.port}",
            f"ENTRYPOINT {json.dumps([BINARY])}",
        ]
    )
