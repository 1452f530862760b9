"""The command line of operators.

Reads the cluster through kubectl and the stack through pulumi, both as they are on PATH.
"""

import pulumi
import typer
from rich.markup import escape

from ..cluster import ClusterError
from .console import OperatorError, console
from .history import history
from .preflight import preflight
from .report import report
from .rollback import rollback
from .status import status

VERBS = (status, history, preflight, report, rollback)


def main() -> None:
    """Runs the command; errors become messages and the exit code 1."""
    app = typer.Typer(
        help="What runs, what ran, and back to it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for verb in VERBS:
        app.command()(verb)
    try:
        app()
    except (OperatorError, ClusterError, pulumi.RunError) as error:
        console.print(f"[red]error:[/] {escape(str(error))}")
        raise SystemExit(1) from None
