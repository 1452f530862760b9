"""Pure validators, one rule each, and the error that reports all broken rules of one component at once.

A validator returns the reason a value is refused, with what would be right, or None.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

import pulumi

DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One broken rule: the field it is in (`port`, `env.LOG_LEVEL`), why, and other fields it depends on."""

    field: str
    reason: str
    related: tuple[str, ...] = ()


class ArgsError(pulumi.RunError):
    """The arguments of a component break rules; `problems` lists all of them."""

    def __init__(self, owner: str, problems: Collection[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{owner}.{p.field}: {p.reason}" for p in self.problems))


def require(args: object, *checks: tuple[str, str | None, *tuple[str, ...]]) -> None:
    """Raises ArgsError for the checks that have a reason.

    A check is the field, the reason or None, and for rules between fields the other fields.
    """
    problems = [Problem(field=c[0], reason=c[1], related=c[2:]) for c in checks if c[1] is not None]
    if problems:
        raise ArgsError(type(args).__name__, problems)


def when(broken: bool, reason: str) -> str | None:
    """The reason if the rule is broken."""
    return reason if broken else None


def in_range(value: int, low: int, high: int) -> str | None:
    """Both ends included."""
    return when(not low <= value <= high, f"{value} is out of range; use {low}-{high}")


def one_of(value: str, choices: Collection[str]) -> str | None:
    return when(value not in choices, f'"{value}" is unknown; use {listed(choices)}')


def dns_label(value: str, longest: int = 63) -> str | None:
    """DNS-1123 label: what Kubernetes takes as a name everywhere."""
    if len(value) > longest:
        return f'"{value}" has {len(value)} characters; use at most {longest}'
    wanted = "use lower-case letters, digits and inner hyphens"
    return when(not DNS_LABEL.fullmatch(value), f'"{value}" is not a DNS-1123 label; {wanted}')


def service_name(value: str, longest: int) -> str | None:
    """DNS-1035 label: a DNS-1123 one that starts with a letter, which Services insist on."""
    starts = f'"{value}" starts with a digit, which a Kubernetes Service must not; start it with a letter'
    return dns_label(value, longest) or when(value[0].isdigit(), starts)


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
