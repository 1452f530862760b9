"""Commands of the embedded default."""

import os
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from local import environment
from local.paths import Paths
from local.process import CommandError, StoppedError
from local.site import Site
from local.steps import StepError
from policies.reports.format import Format

INTERRUPTED = 130

app = typer.Typer(
    help="Everything the program needs, on this machine: Docker, registry, Kubernetes and Pulumi.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(soft_wrap=True)

StackOption = Annotated[str, typer.Option("--stack", help="Stack to use; created if it is missing.")]


@contextmanager
def open_site() -> Iterator[Site]:
    """The site as earlier runs left it. Turns errors into messages and exit codes.

    Removes variables of an earlier `env` from the process environment, so that it is the user's.
    """
    paths = Paths.of()
    users = environment.user_environment(os.environ, paths)
    os.environ.clear()
    os.environ.update(users)
    try:
        yield Site.of(paths)
    except (StepError, CommandError) as error:
        console.print(f"[red]error:[/] {escape(str(error))}", highlight=False)
        if isinstance(error, StepError) and error.remedy:
            console.print(f"  [bold]→[/] {escape(error.remedy)}", highlight=False)
        raise typer.Exit(1) from None
    except (KeyboardInterrupt, StoppedError):
        console.print("interrupted; run the same command to continue")
        raise typer.Exit(INTERRUPTED) from None


@app.command()
def up(stack: StackOption = "dev") -> None:
    """Bring up missing parts, then the stack."""
    from local.up import bring_up_stack  # noqa: PLC0415 - `exec` must start fast

    with open_site() as site:
        bring_up_stack(site, console, stack)


@app.command()
def preview(stack: StackOption = "dev") -> None:
    """Show what `up` would change in the stack."""
    from local.up import prepare_preview  # noqa: PLC0415 - `exec` must start fast

    with open_site() as site:
        prepare_preview(site, console, stack)
        replace_process(site, ["pulumi", "preview", "--stack", stack])


@app.command()
def policy(
    stack: StackOption = "dev",
    wanted: Annotated[Format, typer.Option("--format", help="Format of the results.")] = Format.TABLE,
    results: Annotated[
        Path | None,
        typer.Option("--results", help="Write the results here, for `python -m policies.summary`."),
    ] = None,
) -> None:
    """Preview with the rules of policies/, and show their results."""
    from local import policy as rules  # noqa: PLC0415 - `exec` must start fast
    from local.up import prepare_preview  # noqa: PLC0415

    with open_site() as site, tempfile.TemporaryDirectory() as directory:
        prepare_preview(site, console, stack)
        file = results.absolute() if results else Path(directory, "results")
        code = rules.preview(site.env, site.paths, stack, wanted, file)
    raise typer.Exit(code)


@app.command()
def down(
    stack: Annotated[
        str | None,
        typer.Option("--stack", help="Remove this stack, and the rest if no other stack needs it."),
    ] = None,
    cache: Annotated[bool, typer.Option("--cache", help="Remove the built tools as well.")] = False,
) -> None:
    """Remove everything that `up` created."""
    from local.bringup import interruptible, lock  # noqa: PLC0415 - `exec` must start fast
    from local.down import take_down  # noqa: PLC0415

    with open_site() as site, lock(site.paths.lock), interruptible():
        take_down(site, console, only=stack, cache=cache)


@app.command()
def status() -> None:
    """Show every part: whether it is up, its version and location."""
    from local import foreground, stack  # noqa: PLC0415 - `exec` must start fast
    from local import status as parts  # noqa: PLC0415

    with open_site() as site:
        if not site.paths.record.exists():
            console.print("nothing is up; `make up` brings it up")
            return
        console.print(parts.table(site))
        for created in site.record.stacks:
            console.print()
            command = [sys.executable, "-m", "components.operate", "status", "--stack", created.name]
            foreground.run(command, env=site.env, cwd=stack.directory(site, created))


@app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def exec(command: Annotated[list[str], typer.Argument(help="Command and its arguments.")]) -> None:
    """Run a command in the embedded environment."""
    with open_site() as site:
        require_up(site.paths)
        replace_process(site, command)


@app.command()
def env() -> None:
    """Print the embedded environment as shell exports: eval "$(python -m local env)"."""
    with open_site() as site:
        require_up(site.paths)
        for key, value in sorted(site.env.items()):
            sys.stdout.write(f"export {key}={shlex.quote(value)}\n")


def require_up(paths: Paths) -> None:
    if not paths.record.exists():
        raise StepError("nothing is up", "`make up` brings it up.")


def replace_process(site: Site, command: list[str]) -> None:
    """Replaces this process with a command in the embedded environment."""
    os.environ.update(site.env)
    sys.stdout.flush()
    try:
        os.execvp(command[0], command)  # noqa: S606 - the user's command
    except FileNotFoundError:
        raise StepError(f"there is no command `{command[0]}`", "Check its name and PATH.") from None
