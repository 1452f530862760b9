"""Prints the results that the pack wrote to the file in POLICY_RESULTS: `python -m policies.summary FILE`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from .catalog import RULES
from .judging import config as configuration
from .judging.config import ConfigError
from .reports import printing, results
from .reports.format import Format
from .reports.report import Report, report
from .reports.results import ResultsError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def summary(
    file: Annotated[Path, typer.Argument(help="File that POLICY_RESULTS named.")],
    wanted: Annotated[Format, typer.Option("--format", help="Output format.")] = Format.TABLE,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="The configuration the engine ran with."),
    ] = None,
) -> None:
    """Print the passed, failed and exempted rules of the last preview or update."""
    try:
        found = report_of(file, config)
    except (ConfigError, ResultsError) as error:
        sys.stderr.write(f"error: {error}\n")
        raise typer.Exit(2) from None
    printing.show(found, wanted, violations=False)


def report_of(file: Path, config: Path | None) -> Report:
    """Report on the results in a file under a configuration. Raises ConfigError, ResultsError."""
    settings = configuration.every(RULES, configuration.read(config) if config else {})
    return report(results.read(file), RULES, settings)


if __name__ == "__main__":
    app(prog_name="python -m policies.summary")
