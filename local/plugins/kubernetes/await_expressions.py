"""The `pulumi.com/waitFor` annotation: conditions and JSONPaths that a user waits for. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.plugins.base import PluginError
from local.plugins.kubernetes.await_pods import condition
from local.plugins.kubernetes.await_verdict import READY, Verdict
from local.plugins.kubernetes.objects import Object

ANNOTATION = "pulumi.com/waitFor"
_STEP = re.compile(
    r"""\.(?P<key>(?:\\.|[^.\[\]\\])+)
      | \['(?P<quoted>[^']*)'\]
      | \[(?P<index>-?\d+)\]
      | \[(?P<all>\*)\]
      | \[\?\(@(?P<field>(?:\.[^.=!\s]+)+)\s*==\s*(?P<quote>["'])(?P<value>.*?)(?P=quote)\)\]""",
    re.VERBOSE,
)
_JSONPATH = re.compile(r"jsonpath=\{(?P<path>.*)\}(?:=(?P<value>.*))?", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Expression:
    """One thing waited for.

    Attributes:
        text: As the user wrote it.
        path: JSONPath, empty for a condition.
        condition: Type of a status condition, empty for a path.
        value: Expected value, None where any will do.
    """

    text: str
    path: str = ""
    condition: str = ""
    value: str | None = None


def parse(annotation: str) -> Sequence[Expression]:
    """Reads the annotation: one expression, or a JSON array of several that must all be met.

    Raises:
        PluginError: An expression is of another form.
    """
    try:
        texts = json.loads(annotation)
    except ValueError:
        texts = annotation
    if isinstance(texts, str):
        texts = [texts]
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise PluginError(f"{ANNOTATION}: {annotation} is neither an expression nor a JSON array of some")
    return [_parse(text) for text in texts]


def _parse(text: str) -> Expression:
    if text.startswith("condition="):
        type_, equals, value = text.removeprefix("condition=").partition("=")
        if type_:
            return Expression(text=text, condition=type_, value=value if equals else "True")
    if match := _JSONPATH.fullmatch(text):
        if _steps(match["path"]) is None:
            raise PluginError(
                f"{ANNOTATION}: cannot read the path in {text!r}; it is made of .key, ['key'], [0], [*] and "
                '[?(@.key=="value")]'
            )
        return Expression(text=text, path=match["path"], value=match["value"])
    raise PluginError(
        f"{ANNOTATION}: {text!r} is no expression; write condition=Ready, condition=Ready=False, "
        "jsonpath={.status.phase} or jsonpath={.status.phase}=Running"
    )


def _steps(path: str) -> list[re.Match[str]] | None:
    found: list[re.Match[str]] = []
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            return None
        found.append(match)
        position = match.end()
    return found or None


def look(obj: Object, expressions: Sequence[Expression]) -> Verdict:
    """Whether an object meets all expressions."""
    unmet = [reason for expression in expressions if (reason := _unmet(obj, expression))]
    if not unmet:
        return READY
    return Verdict(status=f"Waiting: {unmet[0]}", reasons=unmet)


def _unmet(obj: Object, expression: Expression) -> str:
    if expression.condition:
        found = condition(obj, expression.condition)
        if found.get("status") == expression.value:
            return ""
        if not found:
            return f"there is no condition {expression.condition} yet"
        detail = ": ".join(str(found[key]) for key in ("reason", "message") if found.get(key))
        return f"condition {expression.condition} is {found.get('status')}" + (
            f" ({detail})" if detail else ""
        )
    values = evaluate(obj, expression.path)
    if values and (expression.value is None or all(_text(value) == expression.value for value in values)):
        return ""
    if not values:
        return f"{expression.path} is not set"
    return f"{expression.path} is {', '.join(map(_text, values))}, not {expression.value}"


def evaluate(obj: Any, path: str) -> list[Any]:
    """The values a JSONPath leads to, none where it leads nowhere."""
    values = [obj]
    for step in _steps(path) or []:
        values = [found for value in values for found in _step(value, step)]
    return values


def _step(value: Any, step: re.Match[str]) -> list[Any]:
    if step["key"] is not None or step["quoted"] is not None:
        key = step["quoted"] if step["key"] is None else re.sub(r"\\(.)", r"\1", step["key"])
        return [value[key]] if isinstance(value, dict) and key in value else []
    if not isinstance(value, list):
        return []
    if step["all"]:
        return value
    if step["field"]:
        return [
            item for item in value if [_text(v) for v in evaluate(item, step["field"])] == [step["value"]]
        ]
    index = int(step["index"])
    return [value[index]] if -len(value) <= index < len(value) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
