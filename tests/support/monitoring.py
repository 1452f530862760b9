"""What the dashboard and the alert rules ask Prometheus, and what there is to ask for."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from tests.support.stack_config import ROOT

MONITORING = ROOT / "docs/monitoring"
# Grafana fills these in.
VARIABLES = {"$namespace": "sample", "$app": "sample", "$__rate_interval": "1m"}
# What precedes a bracket or stands between operands, and is no metric.
WORDS = {
    "and", "or", "unless", "on", "by", "offset", "sum", "count", "rate", "changes", "histogram_quantile",
}  # fmt: skip


def rules() -> list[dict[str, Any]]:
    """Alert and recording rules."""
    loaded = yaml.safe_load((MONITORING / "alerts.yaml").read_text())
    return [rule for group in loaded["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    return json.loads((MONITORING / "dashboard.json").read_text())


def shown() -> Iterator[tuple[str, str]]:
    """Title and expression of everything the dashboard shows, its variables filled in."""
    drawn = dashboard()
    asked = [(panel["title"], target["expr"]) for panel in drawn["panels"] for target in panel["targets"]]
    asked += [(note["name"], note["expr"]) for note in drawn["annotations"]["list"]]
    for title, expression in asked:
        for variable, value in VARIABLES.items():
            expression = expression.replace(variable, value)  # noqa: PLW2901
        yield title, expression


def metrics(expression: str) -> set[str]:
    """Names of metrics in PromQL: what is left without strings, label lists, durations and its own words."""
    bare = re.sub(r'"[^"]*"', "", expression)
    bare = re.sub(r"\b(by|on)\s*\([^)]*\)", "", bare)
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\boffset \w+", "", bare)
    return set(re.findall(r"[a-zA-Z_][a-zA-Z0-9_:]*", bare)) - WORDS
