"""What the verbs share of the command line."""

import sys
from typing import Annotated

import typer
from rich.console import Console

# Rich takes a pipe or a log for 80 columns wide, too few for a table with reasons.
console = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 160)
StackOption = Annotated[str, typer.Option("--stack", help="Stack that the service belongs to.")]


class OperatorError(Exception):
    """What was asked for cannot be done: why, and the remedy."""


def short_digest(image: str) -> str:
    """The first 12 digits of an image's digest."""
    return image.partition("@sha256:")[2][:12]
