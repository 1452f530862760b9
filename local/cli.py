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
    help="All the program needs, on this machine: Docker, registry, Kubernetes node and Pulumi engine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(soft_wrap=True)

StackOption = Annotated[str, typer.Option("--stack", help="Stack to use; created if it is missing.")]


@contextmanager
def told() -> Iterator[Site]:
    """The site, as it was left; the environment is the user's alone. Errors become messages and codes."""
    paths = Paths.of()
    users = environment.users(os.environ, paths)
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
        console.print("interrupted; the same command goes on from here")
        raise typer.Exit(INTERRUPTED) from None


@app.command()
def up(stack: StackOption = "dev") -> None:
    """Bring up what is missing, then the stack."""
    from local.up import whole  # noqa: PLC0415 - `exec` must start fast

    with told() as site:
        whole(site, console, stack)


@app.command()
def preview(stack: StackOption = "dev") -> None:
    """Show what `up` would change in the stack."""
    from local.up import for_preview  # noqa: PLC0415 - `exec` must start fast

    with told() as site:
        for_preview(site, console, stack)
        replace(site, ["pulumi", "preview", "--stack", stack])


@app.command()
def policy(
    stack: StackOption = "dev",
    wanted: Annotated[
        Format, typer.Option("--format", help="What to print after the preview.")
    ] = Format.TABLE,
    results: Annotated[
        Path | None,
        typer.Option("--results", help="Keep what was found here, for `python -m policies.summary`."),
    ] = None,
) -> None:
    """Preview with the rules of policies/, and show which of them passed."""
    from local import policy as rules  # noqa: PLC0415 - `exec` must start fast
    from local.up import for_preview  # noqa: PLC0415

    with told() as site, tempfile.TemporaryDirectory() as directory:
        for_preview(site, console, stack)
        file = results.absolute() if results else Path(directory, "results")
        code = rules.preview(site.env, site.paths, stack, wanted, file)
    raise typer.Exit(code)


@app.command()
def down(
    stack: Annotated[
        str | None,
        typer.Option("--stack", help="Remove this stack; the rest too if no other stack needs it."),
    ] = None,
    cache: Annotated[bool, typer.Option("--cache", help="Remove the built tools too.")] = False,
) -> None:
    """Remove all that `up` made."""
    from local.bringup import interruptible, locked  # noqa: PLC0415 - `exec` must start fast
    from local.down import take_down  # noqa: PLC0415

    with told() as site, locked(site.paths.lock), interruptible():
        take_down(site, console, only=stack, cache=cache)


@app.command()
def status() -> None:
    """Show every part: whether it is up, its version and its place."""
    from local import foreground, stack  # noqa: PLC0415 - `exec` must start fast
    from local import status as parts  # noqa: PLC0415

    with told() as site:
        if not site.paths.record.exists():
            console.print("nothing is up; `make up` brings it up")
            return
        console.print(parts.table(site))
        for made in site.record.stacks:
            console.print()
            command = [sys.executable, "-m", "components.operate", "status", "--stack", made.name]
            foreground.run(command, env=site.env, cwd=stack.directory(site, made))


@app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def exec(command: Annotated[list[str], typer.Argument(help="Command and its arguments.")]) -> None:
    """Run a command in the embedded environment."""
    with told() as site:
        require_up(site.paths)
        replace(site, command)


@app.command()
def env() -> None:
    """Print the embedded environment as shell exports: eval "$(python -m local env)"."""
    with told() as site:
        require_up(site.paths)
        for key, value in sorted(site.env.items()):
            sys.stdout.write(f"export {key}={shlex.quote(value)}\n")


def require_up(paths: Paths) -> None:
    if not paths.record.exists():
        raise StepError("nothing is up", "`make up` brings it up.")


def replace(site: Site, command: list[str]) -> None:
    """Replaces this process by a command in the embedded environment."""
    os.environ.update(site.env)
    sys.stdout.flush()
    try:
        os.execvp(command[0], command)  # noqa: S606 - the user's own command
    except FileNotFoundError:
        raise StepError(f"there is no command `{command[0]}`", "Check its name and PATH.") from None
