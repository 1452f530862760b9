"""Runs a user-defined query."""

from collections.abc import Callable

from ..access.prometheus import Ask, PrometheusError
from ..promql import parse_query
from ..samples import Check, known


def take_check(ask: Ask, name: str, text: str, fill: Callable[[str], str]) -> Check:
    """The value of a query, or why it has none. Raises ValueError if the text is not `PROMQL <= NUMBER`."""
    wanted = parse_query(text)
    if wanted is None:
        raise ValueError(f"canary.queries.{name}: {text!r} is not of the form PROMQL <= NUMBER")
    value, error = None, ""
    try:
        answer = ask(fill(wanted.query))
        if len(answer) > 1:
            error = f"it has {len(answer)} values; make them one by sum() or max() in canary.queries.{name}"
        elif answer:
            value = known(answer[0][1])
    except PrometheusError as failure:
        error = str(failure)
    return Check(name=name, comparison=wanted.comparison, bound=wanted.bound, value=value, error=error)
