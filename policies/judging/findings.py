"""Runs rules on resources and applies exemptions to what they find."""

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from ..model import Resource, ResourceRule, Rule, StackRule, Violation
from ..values import format_path
from .config import Settings
from .exemptions import Exemption

Check = Callable[[], Iterator[Violation]]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One violation of a rule, in plain text."""

    rule: str
    """Name of the rule."""
    type: str
    """Type token of the resource; empty if the finding is about the stack as a whole."""
    name: str
    """Name of the resource."""
    origin: str
    """URN, or file and line of the property."""
    path: str
    """Property of the resource."""
    message: str
    """What is wrong with it."""
    exemption: Exemption | None = None
    """Exemption that applies to it, if any."""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


def findings(
    rule: ResourceRule | StackRule, resources: Sequence[Resource], settings: Settings, today: date
) -> Iterator[Finding]:
    """Findings of a rule. If the rule raises, its earlier findings are followed by one about the failure."""
    if isinstance(rule, StackRule):
        yield from _run(rule, None, partial(rule.check, resources, settings.options), settings, today)
        return
    for resource in resources:
        check = partial(rule.check, resource, settings.options)
        yield from _run(rule, resource, check, settings, today)


def _run(
    rule: Rule, judged: Resource | None, check: Check, settings: Settings, today: date
) -> Iterator[Finding]:
    for violation in _violations(rule, check):
        resource = violation.resource or judged
        finding = Finding(
            rule=rule.name,
            type=resource.type if resource else "",
            name=resource.name if resource else "",
            origin=resource.location(violation.path) if resource else "",
            path=format_path(violation.path),
            message=violation.message,
        )
        yield _apply_exemptions(finding, resource, settings, today) if resource else finding


def _violations(rule: Rule, check: Check) -> Iterator[Violation]:
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001 - a rule's bug must not hide what other rules find
        yield Violation(path=(), message=f"{rule.name} could not check it: {describe_error(error)}")


def _apply_exemptions(finding: Finding, resource: Resource, settings: Settings, today: date) -> Finding:
    for exemption in settings.exemptions:
        if exemption.covers(resource):
            if not exemption.has_expired(today):
                return replace(finding, exemption=exemption)
            expired = f"its exemption expired on {exemption.expires}: {exemption.reason}"
            finding = replace(finding, message=f"{finding.message} ({expired})")
    return finding


def describe_error(error: Exception) -> str:
    """Type and line of an exception; its text is left out because it may contain a secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}"
