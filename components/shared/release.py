"""What a release is: one image, and what people call it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pulumi


@dataclass(frozen=True, kw_only=True)
class Release:
    """An image that is to run, as GoImage made it or as a program names one that exists."""

    image: "pulumi.Input[str]"
    """Image by digest, `repository@sha256:…`."""
    version: str = ""
    """Version that the binary carries; empty shows none."""
    commit: str = ""
    """Full hash of the commit that it was built from; empty shows none."""
