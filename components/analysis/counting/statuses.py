"""What the statuses of requests mean. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from ..metrics import MetricNames

Kind = Literal["success", "error", "ignored", "unknown"]
_MAX_WORDS = 5


def kind_of(status: str, metrics: MetricNames) -> Kind:
    """What a status is. A label that is missing is never a success, whatever the patterns are."""
    if not status:
        return "unknown"
    patterns: list[tuple[Kind, str]] = [
        ("ignored", metrics.ignored),
        ("error", metrics.errors),
        ("success", metrics.successes),
    ]
    for kind, pattern in patterns:
        if pattern and re.fullmatch(pattern, status):
            return kind
    return "unknown"


def unknown_statuses(counts: Mapping[str, float], metrics: MetricNames) -> list[str]:
    """Statuses of requests that are not classified, the most frequent first."""
    found = [word for word, count in counts.items() if count > 0 and kind_of(word, metrics) == "unknown"]
    return sorted(found, key=lambda word: (-counts[word], word))


def unknown_reason(words: Iterable[str], labels: Iterable[str], metrics: MetricNames) -> str:
    """Why statuses cannot be judged, and what to set.

    labels: names of the labels that the series have; empty if they are not known.
    """
    words, label = list(words), metrics.status
    have = ", ".join(sorted(set(labels) - {"__name__"}))
    their = f"; their labels are {have}" if have else ""
    if words == [""]:
        what = f"series of {metrics.requests} have no label {label}"
        return f"{what}{their}; set canary.metrics.statusLabel"
    shown = ", ".join(f'"{word}"' for word in words[:_MAX_WORDS])
    more = f" and {len(words) - _MAX_WORDS} more" if len(words) > _MAX_WORDS else ""
    what = f"label {label} of {metrics.requests} is {shown}{more}, neither a success nor an error{their}"
    return f"{what}; set canary.metrics.statusLabel (or errors, successes, ignored beside it)"
