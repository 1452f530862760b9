"""Labels and selectors, some of them unknown."""

from typing import Any

import pytest

from policies.reading.label_selectors import every, has_labels, is_empty, meets, some
from policies.values import UNKNOWN

LABELS = {"app": "shop", "track": UNKNOWN}


@pytest.mark.parametrize(
    ("verdicts", "all_hold", "one_holds"),
    [
        ([], True, False),
        ([True, True], True, True),
        ([True, False], False, True),
        ([True, None], None, True),
        ([False, None], False, None),
        ([None], None, None),
    ],
)
def test_verdicts(verdicts: list[bool | None], all_hold: bool | None, one_holds: bool | None) -> None:
    assert every(verdicts) is all_hold
    assert some(verdicts) is one_holds


def expression(key: Any, operator: Any, values: Any = None) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": values}]}


@pytest.mark.parametrize(
    ("selector", "verdict"),
    [
        ({}, True),
        (None, True),
        (UNKNOWN, None),
        ({"matchLabels": {"app": "shop"}}, True),
        ({"matchLabels": {"app": "cart"}}, False),
        ({"matchLabels": {"app": UNKNOWN}}, None),
        ({"matchLabels": UNKNOWN}, None),
        ({"matchLabels": {"track": "stable"}}, None),
        ({"matchLabels": {"track": "stable", "app": "cart"}}, False),
        (expression("app", "In", ["cart", "shop"]), True),
        (expression("app", "In", ["cart"]), False),
        (expression("app", "In", ["cart", UNKNOWN]), None),
        (expression("none", "In", ["cart"]), False),
        (expression("app", "NotIn", ["cart"]), True),
        (expression("app", "NotIn", ["shop"]), False),
        (expression("none", "NotIn", ["shop"]), True),
        (expression("track", "NotIn", ["shop"]), None),
        (expression("app", "Exists"), True),
        (expression("track", "Exists"), True),
        (expression("none", "Exists"), False),
        (expression("none", "DoesNotExist"), True),
        (expression("app", "DoesNotExist"), False),
        (expression("app", UNKNOWN, ["cart"]), None),
        (expression(UNKNOWN, "Exists"), None),
        (expression("app", "In", UNKNOWN), None),
        (expression("app", "Odd", ["shop"]), None),
        ({"matchExpressions": UNKNOWN}, None),
    ],
)
def test_selectors(selector: Any, verdict: bool | None) -> None:
    assert meets(LABELS, selector) is verdict


def test_unknown_labels() -> None:
    assert meets(UNKNOWN, {"matchLabels": {"app": "shop"}}) is None
    assert has_labels(UNKNOWN, {"app": "shop"}) is None
    assert has_labels(None, {"app": "shop"}) is False


@pytest.mark.parametrize(
    ("selector", "verdict"),
    [
        *((None, True), ({}, True), ({"matchLabels": {}}, True), ({"matchLabels": {"a": "b"}}, False)),
        *((UNKNOWN, None), ({"matchLabels": UNKNOWN}, None), (expression("a", "Exists"), False)),
    ],
)
def test_empty_selectors(selector: Any, verdict: bool | None) -> None:
    assert is_empty(selector) is verdict
