"""Checks Kubernetes manifests from any source, without a stack: `python -m policies.check FILE.yaml…`."""

import enum
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from .catalog import BY_NAME, RULES, AnyRule
from .judging import config as configuration
from .judging.config import ConfigError, Settings, did_you_mean
from .judging.findings import findings
from .model import Resource
from .reading import manifests
from .reading.manifests import UnreadableError
from .reports import printing
from .reports.format import Format
from .reports.report import report
from .reports.results import Results

VIOLATIONS, UNUSABLE = 1, 2
"""Exit codes: a mandatory rule is violated; input, names or configuration cannot be used."""


class Profile(enum.StrEnum):
    """Profiles of the Pod Security Standards; restricted includes baseline."""

    BASELINE = "baseline"
    RESTRICTED = "restricted"


PROFILES = {Profile.BASELINE: ("baseline",), Profile.RESTRICTED: ("baseline", "restricted")}

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


class UnusableError(Exception):
    """Input or options that cannot be used; the message has one line for each problem."""


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="YAML or JSON; - is stdin.")],
    rules: Annotated[
        str | None, typer.Option("--rules", metavar="NAME,...", help="Check only these rules.")
    ] = None,
    standard: Annotated[
        Profile | None,
        typer.Option("--standard", help="Check only the controls of this Pod Security Standard."),
    ] = None,
    wanted: Annotated[Format, typer.Option("--format", help="Output format.")] = Format.TABLE,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help="Levels, options and exemptions, as policies/prod.json."
        ),
    ] = None,
) -> None:
    """Check Kubernetes manifests.

    Exits with 0 if no mandatory rule is violated, 1 if one is, 2 if input or options cannot be used.
    """
    try:
        settings = configuration.every(RULES, configuration.read(config) if config else {})
        picked = [rule for rule in select_rules(rules, standard) if settings[rule.name].level != "disabled"]
        verdict = report(judge(load(files), picked, settings), picked, settings)
    except (UnusableError, ConfigError) as error:
        sys.stderr.write("".join(f"error: {line}\n" for line in str(error).splitlines()))
        raise typer.Exit(UNUSABLE) from None
    printing.show(verdict, wanted)
    raise typer.Exit(VIOLATIONS if verdict.failed else 0)


def select_rules(names: str | None, standard: Profile | None) -> list[AnyRule]:
    """Rules with these comma-separated names and in this standard; None selects all. Raises UnusableError."""
    wanted = [*BY_NAME] if names is None else [name.strip() for name in names.split(",") if name.strip()]
    if not wanted:
        raise UnusableError("--rules is empty; leave it out to check all rules")
    if unknown := [name for name in wanted if name not in BY_NAME]:
        lines = (f"there is no rule {name!r}{did_you_mean(name, BY_NAME)}" for name in unknown)
        raise UnusableError("\n".join(lines))
    found = [rule for rule in RULES if rule.name in wanted]
    if standard:
        found = [rule for rule in found if rule.standard in PROFILES[standard]]
    if not found:
        raise UnusableError(f"no rule in {names!r} belongs to {standard}; leave out --rules or --standard")
    return found


def load(files: Iterable[str]) -> list[Resource]:
    """Objects from all files. Raises UnusableError with each file and line that cannot be read."""
    found: list[Resource] = []
    wrong: list[str] = []
    for file in files:
        try:
            found += manifests.load(_text(file), "stdin" if file == "-" else file)
        except UnreadableError as error:
            wrong.append(str(error))
    if wrong:
        raise UnusableError("\n".join(wrong))
    return found


def judge(resources: Sequence[Resource], rules: Sequence[AnyRule], settings: dict[str, Settings]) -> Results:
    """Runs rules on resources; exemptions hold as of today (UTC)."""
    today = datetime.now(UTC).date()
    return Results(
        rules=frozenset(rule.name for rule in rules),
        resources=len(resources),
        findings=tuple(
            finding for rule in rules for finding in findings(rule, resources, settings[rule.name], today)
        ),
    )


def _text(file: str) -> str:
    source = "stdin" if file == "-" else file
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise UnreadableError(source, 1, str(error.strerror)) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UnreadableError(source, line, f"not UTF-8: {error.reason}") from None


if __name__ == "__main__":
    app(prog_name="python -m policies.check")
