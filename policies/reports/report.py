"""Outcomes by rule."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ..catalog import AnyRule
from ..judging.config import Settings
from ..judging.findings import Finding
from .results import Results

Outcome = Literal["failed", "advised", "exempted", "passed", "disabled", "not run"]
OUTCOMES: tuple[Outcome, ...] = ("failed", "advised", "exempted", "passed", "disabled", "not run")
SEVERITIES = ("critical", "high", "medium", "low")


@dataclass(frozen=True, kw_only=True)
class Row:
    """Outcome of one rule."""

    rule: AnyRule
    outcome: Outcome
    """advised: violated, but its level is advisory. not run: the engine did not reach it."""
    broken: tuple[Finding, ...]
    """Violations that are not exempted."""
    exempted: tuple[Finding, ...]
    """Violations that are exempted."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """Outcomes of all rules, the most severe first."""

    resources: int
    """Number of resources checked."""
    rows: tuple[Row, ...]

    @property
    def failed(self) -> bool:
        """Whether a mandatory rule is violated."""
        return any(row.outcome == "failed" for row in self.rows)

    def count(self, outcome: Outcome) -> int:
        """Number of rules with an outcome."""
        return sum(row.outcome == outcome for row in self.rows)

    def summary(self) -> str:
        """One line: how many rules had which outcome."""
        counts = ", ".join(f"{self.count(each)} {each}" for each in OUTCOMES if self.count(each))
        return f"{_number(len(self.rows), 'rule')} on {_number(self.resources, 'resource')}: {counts}"


def report(found: Results, rules: Iterable[AnyRule], settings: Mapping[str, Settings]) -> Report:
    """Groups results by rule. settings, by name of the rule, decide which violations are failures."""
    rows = [_row(rule, found, settings[rule.name]) for rule in rules]
    rows.sort(key=lambda row: (OUTCOMES.index(row.outcome), SEVERITIES.index(row.rule.severity)))
    return Report(resources=found.resources, rows=tuple(rows))


def file_and_line(origin: str) -> tuple[str | None, int | None]:
    """File and line of an origin; None and None for a URN."""
    found = None if origin.startswith("urn:") else re.fullmatch(r"(.*):([0-9]+)", origin, re.S)
    return (found[1], int(found[2])) if found else (None, None)


def resource_label(type_token: str, name: str) -> str:
    """Kind and name of a resource: `Deployment shop/web`, `Command deploy`; `the stack` without a type."""
    return f"{type_token.rpartition(':')[2]} {name}" if type_token else "the stack"


def _row(rule: AnyRule, found: Results, settings: Settings) -> Row:
    mine = [finding for finding in found.findings if finding.rule == rule.name]
    broken = tuple(finding for finding in mine if not finding.exemption)
    exempted = tuple(finding for finding in mine if finding.exemption)
    outcome: Outcome = "passed"
    if broken:
        outcome = "advised" if settings.level == "advisory" else "failed"
    elif exempted:
        outcome = "exempted"
    elif rule.name not in found.rules:
        outcome = "disabled" if settings.level == "disabled" else "not run"
    return Row(rule=rule, outcome=outcome, broken=broken, exempted=exempted)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
