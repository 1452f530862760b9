"""Rules on resources: what is wrong, and what of it is exempted."""

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from ..model import Resource, ResourceRule, Rule, StackRule, Violation
from ..values import shown
from .config import Settings
from .exemptions import Exemption

Check = Callable[[], Iterator[Violation]]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that breaks a rule."""

    rule: str
    """Name of the rule."""
    type: str
    """Type token of the resource; empty if it is about no single one."""
    name: str
    """Name of the resource."""
    origin: str
    """URN, or file and line, as near to the path as is known."""
    path: str
    """Where in its properties."""
    message: str
    """What is wrong there."""
    exemption: Exemption | None = None
    """Why it is let through, if it is."""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


def findings(
    rule: ResourceRule | StackRule, resources: Sequence[Resource], settings: Settings, today: date
) -> Iterator[Finding]:
    """What breaks a rule. A rule that raises is itself a finding, beside all it had found before."""
    if isinstance(rule, StackRule):
        yield from _found(rule, None, partial(rule.check, resources, settings.options), settings, today)
        return
    for resource in resources:
        check = partial(rule.check, resource, settings.options)
        yield from _found(rule, resource, check, settings, today)


def _found(
    rule: Rule, judged: Resource | None, check: Check, settings: Settings, today: date
) -> Iterator[Finding]:
    for violation in _guarded(rule, check):
        resource = violation.resource or judged
        finding = Finding(
            rule=rule.name,
            type=resource.type if resource else "",
            name=resource.name if resource else "",
            origin=resource.place(violation.path) if resource else "",
            path=shown(violation.path),
            message=violation.message,
        )
        yield _exempted(finding, resource, settings, today) if resource else finding


def _guarded(rule: Rule, check: Check) -> Iterator[Violation]:
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001 - a rule's bug must not hide what other rules find
        yield Violation(path=(), message=f"{rule.name} could not judge it: {failure(error)}")


def _exempted(finding: Finding, resource: Resource, settings: Settings, today: date) -> Finding:
    for exemption in settings.exemptions:
        if exemption.covers(resource):
            if not exemption.is_over(today):
                return replace(finding, exemption=exemption)
            over = f"its exemption ended on {exemption.expires}: {exemption.reason}"
            finding = replace(finding, message=f"{finding.message} ({over})")
    return finding


def failure(error: Exception) -> str:
    """An exception of a rule by its type and place; its text could hold what nobody should read."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}"
