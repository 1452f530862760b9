"""A Go module small enough to be the context of an image that is never built."""

from pathlib import Path


def write_module(directory: Path) -> None:
    """Writes app/ with a go.mod and an empty cmd/server."""
    (directory / "app/cmd/server").mkdir(parents=True)
    (directory / "app/go.mod").write_text("module example.com/shop\n")
