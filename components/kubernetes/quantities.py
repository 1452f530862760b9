"""Kubernetes quantities, the amounts of CPU and memory: `100m`, `0.5`, `64Mi`, `1e3`."""

import re
from decimal import Decimal

from ..shared import when

_QUANTITY = re.compile(r"(\d+\.?\d*|\.\d+)(m|k|Ki|[MGTPE]i?|[eE][+-]?\d{1,2})?", re.ASCII)
_SCALE = {"m": Decimal("0.001"), "k": Decimal(1000), "Ki": Decimal(1024)} | {
    prefix + suffix: Decimal(base) ** power
    for power, prefix in enumerate("MGTPE", start=2)
    for suffix, base in (("", 1000), ("i", 1024))
}


def parse(text: str) -> Decimal | None:
    """The amount in cores or bytes; None if it is not a quantity."""
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return None
    number, suffix = match.groups()
    if suffix and suffix not in _SCALE:
        return Decimal(number + suffix)
    return Decimal(number) * _SCALE.get(suffix or "", Decimal(1))


def cpu(text: str) -> str | None:
    """Refuses what is not a positive amount of CPU of at least 1m."""
    amount = parse(text)
    broken = amount is None or amount < Decimal("0.001")
    return when(broken, f'"{text}" is not an amount of CPU; use cores or thousandths, such as 0.5 or 500m')


def memory(text: str) -> str | None:
    """Refuses what is not an amount of memory of at least 1Mi, such as `64m`, thousandths of a byte."""
    amount = parse(text)
    broken = amount is None or amount < 2**20
    return when(broken, f'"{text}" is not an amount of memory of at least 1Mi; use such as 256Mi or 1Gi')


def at_least(limit: str, request: str) -> str | None:
    """Refuses a limit below its request; passes what is not a quantity, which has a rule of its own."""
    most, least = parse(limit), parse(request)
    broken = most is not None and least is not None and most < least
    return when(broken, f"{limit} is below the request {request}; raise the limit or lower the request")
