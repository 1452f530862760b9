"""What came of the rules, by rule."""

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
    """What came of one rule."""

    rule: AnyRule
    outcome: Outcome
    """The gravest of its findings; advised: broken, but no failure at the rule's level."""
    broken: tuple[Finding, ...]
    """What breaks it."""
    exempted: tuple[Finding, ...]
    """What would, but is let through."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of all rules, the gravest first."""

    resources: int
    """Number of resources judged."""
    rows: tuple[Row, ...]

    @property
    def failed(self) -> bool:
        """Whether anything mandatory is broken."""
        return any(row.outcome == "failed" for row in self.rows)

    def count(self, outcome: Outcome) -> int:
        """Number of rules with an outcome."""
        return sum(row.outcome == outcome for row in self.rows)

    def summary(self) -> str:
        """One line: how many rules had which outcome."""
        counts = ", ".join(f"{self.count(each)} {each}" for each in OUTCOMES if self.count(each))
        return f"{_number(len(self.rows), 'rule')} on {_number(self.resources, 'resource')}: {counts}"


def report(found: Results, rules: Iterable[AnyRule], settings: Mapping[str, Settings]) -> Report:
    """Results by rule; settings by name of rule decide what is a failure."""
    rows = [_row(rule, found, settings[rule.name]) for rule in rules]
    rows.sort(key=lambda row: (OUTCOMES.index(row.outcome), SEVERITIES.index(row.rule.severity)))
    return Report(resources=found.resources, rows=tuple(rows))


def place(origin: str) -> tuple[str | None, int | None]:
    """File and line of an origin; None and None of a URN."""
    found = None if origin.startswith("urn:") else re.fullmatch(r"(.*):([0-9]+)", origin, re.S)
    return (found[1], int(found[2])) if found else (None, None)


def called(type_token: str, name: str) -> str:
    """What people call a resource: `Deployment shop/web`, `Command deploy`; without a type the stack."""
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
