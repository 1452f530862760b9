"""Matches labels against selectors, in three-valued logic.

A verdict is True, False, or None if it depends on an unknown value.
"""

from collections.abc import Iterable
from typing import Any

from ..values import UNKNOWN, entries, get, items

Verdict = bool | None


def every(verdicts: Iterable[Verdict]) -> Verdict:
    """Whether all are true."""
    found = set(verdicts)
    if False in found:
        return False
    return None if None in found else True


def some(verdicts: Iterable[Verdict]) -> Verdict:
    """Whether at least one is true."""
    found = set(verdicts)
    if True in found:
        return True
    return None if None in found else False


def same(left: Any, right: Any) -> Verdict:
    """Whether two values are equal."""
    return None if left is UNKNOWN or right is UNKNOWN else left == right


def has_labels(labels: Any, wanted: Any) -> Verdict:
    """Whether labels contain all entries of a map, such as the selector of a Service."""
    if labels is UNKNOWN or wanted is UNKNOWN:
        return None
    return every(same(get(labels, key), value) for key, value in entries(wanted).items())


def meets(labels: Any, selector: Any) -> Verdict:
    """Whether labels match a LabelSelector; an empty one matches everything."""
    if labels is UNKNOWN or selector is UNKNOWN:
        return None
    expressions = get(selector, "matchExpressions")
    if expressions is UNKNOWN:
        return None
    return every(
        [
            has_labels(labels, get(selector, "matchLabels")),
            *(_expression(labels, expression) for expression in items(expressions)),
        ]
    )


def is_empty(selector: Any) -> Verdict:
    """Whether a LabelSelector is empty, and so matches everything."""
    parts = [get(selector, "matchLabels"), get(selector, "matchExpressions")]
    return every(None if part is UNKNOWN else not part for part in parts)


def _expression(labels: Any, expression: Any) -> Verdict:
    key, operator = get(expression, "key"), get(expression, "operator")
    if not isinstance(key, str):
        return None
    value, values = get(labels, key), get(expression, "values")
    if operator == "Exists":
        return value is not None
    if operator == "DoesNotExist":
        return value is None
    if operator not in ("In", "NotIn") or not isinstance(values, list):
        return None
    found = some(same(value, entry) for entry in items(values)) if value is not None else False
    return found if operator == "In" or found is None else not found
