"""The verb `history`."""

from rich.table import Table

from .console import StackOption, console, short_digest
from .live_service import LiveService


def history(stack: StackOption = "dev") -> None:
    """List the releases that the cluster remembers, newest first."""
    drawn = Table("", "version", "commit", "digest", "when (UTC)", "verdict", box=None, pad_edge=False)
    for release in LiveService(stack).history():
        drawn.add_row(
            "serves" if release.current and release.pods else "",
            release.version,
            release.commit[:12],
            short_digest(release.image),
            release.created[:16].replace("T", " "),
            release.record.text if release.record else "",
        )
    console.print(drawn, markup=False)
