"""Prints the report in a chosen format."""

import sys

from rich.console import Console

from . import as_json, as_markdown, as_sarif, as_table
from .format import Format
from .report import Report

WIDTH = 160
"""Columns of a table where there is no terminal, such as in a pipeline's log."""


TEXTS = {
    Format.MARKDOWN: as_markdown.text,
    Format.SARIF: as_sarif.text,
    Format.JSON: as_json.text,
}


def show(report: Report, wanted: Format, *, violations: bool = True) -> None:
    """Prints a report to stdout. violations: a table lists each violation too."""
    if wanted is Format.TABLE:
        console = Console(width=None if sys.stdout.isatty() else WIDTH)
        as_table.show(report, console, violations=violations)
    else:
        sys.stdout.write(TEXTS[wanted](report) + "\n")
