"""Checks of values, one rule each.

A check returns why a value is refused, with what would be right, or None.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .names import CANARY, LONGEST_NAME

DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
Check = Callable[[Any], str | None]
"""Takes a value. Returns why it is refused, None if it is not."""


def when(broken: bool, reason: str) -> str | None:
    """The reason if the rule is broken."""
    return reason if broken else None


@dataclass(frozen=True)
class Between:
    """Check of a number's range, both ends included; stands in the annotation of a field."""

    low: float
    high: float
    unit: str = ""

    def __call__(self, value: float | Decimal) -> str | None:
        return when(not self.low <= value <= self.high, f"{value} is out of range; use {self.text}")

    @property
    def text(self) -> str:
        """The range in words, `30-3600 s`."""
        return f"{self.low:.15g}-{self.high:.15g} {self.unit}".rstrip()


def or_empty(check: Check) -> Check:
    """A check that an empty text passes, for settings that can be left out."""
    return lambda value: check(value) if value else None


def one_of(value: str, choices: Collection[str]) -> str | None:
    return when(value not in choices, f'"{value}" is unknown; use {listed(choices)}')


def dns_label(value: str, longest: int = 63) -> str | None:
    """DNS-1123 label: what Kubernetes takes as a name everywhere."""
    if len(value) > longest:
        return f'"{value}" has {len(value)} characters; use at most {longest}'
    wanted = "use lower-case letters, digits and inner hyphens"
    return when(not DNS_LABEL.fullmatch(value), f'"{value}" is not a DNS-1123 label; {wanted}')


def service_name(value: str) -> str | None:
    """DNS-1035 label, a DNS-1123 one that starts with a letter, at most 40 characters long."""
    starts = f'"{value}" starts with a digit, which a Kubernetes Service must not; start it with a letter'
    canary = (
        f'"{value}" ends with {CANARY}, as the canary Deployment of another service may; choose another name'
    )
    return (
        dns_label(value, LONGEST_NAME)
        or when(value[0].isdigit(), starts)
        or when(value.endswith(CANARY), canary)
    )


def dns_subdomain(value: str) -> str | None:
    """DNS-1123 subdomain: labels joined by dots, such as host names and names of secrets."""
    if len(value) > 253:
        return f'"{value}" has {len(value)} characters; use at most 253'
    broken = not all(DNS_LABEL.fullmatch(label) for label in value.split("."))
    return when(
        broken,
        f'"{value}" is not a DNS-1123 name; use lower-case letters, digits, inner hyphens and dots',
    )


def http_path(value: str) -> str | None:
    broken = not re.fullmatch(r"/[!-~]*", value)
    return when(broken, f'"{value}" is not an HTTP path; start it with / and leave out spaces')


def variable_name(value: str) -> str | None:
    """Name of an environment variable every shell can read."""
    broken = not VARIABLE.fullmatch(value)
    return when(broken, "is not a variable name; use letters, digits and _, not starting with a digit")


def listed(choices: Collection[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *front, last = choices
    return f"{', '.join(front)} or {last}" if front else last
