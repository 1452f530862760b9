"""Platforms an image can be built for."""

from ..shared import listed, when

# The linux pairs of `go tool dist list`, Go 1.26; images hold Linux programs only.
GO_PLATFORMS = tuple(
    f"linux/{architecture}"
    for architecture in (
        "386",
        "amd64",
        "arm",
        "arm64",
        "loong64",
        "mips",
        "mips64",
        "mips64le",
        "mipsle",
        "ppc64",
        "ppc64le",
        "riscv64",
        "s390x",
    )
)


def platform(value: str) -> str | None:
    """Refuses what Go has no port for."""
    return when(value not in GO_PLATFORMS, f'"{value}" is not a platform of Go; use {listed(GO_PLATFORMS)}')
