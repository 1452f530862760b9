"""What a service exposes to Prometheus, parsed, and selected as PromQL does. Only what tests need."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SERIES = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)(\{(?P<labels>.*?)\})? (?P<value>\S+)( # .*)?")
_LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')
_MATCHER = re.compile(r'([a-zA-Z_]\w*)(=~|!~|!=|=)"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, kw_only=True)
class Series:
    """One line of an exposition."""

    name: str
    """Its metric."""
    labels: dict[str, str]
    """Labels of the service; those of the scrape are not there."""
    value: float
    """Its value."""


def parse(text: str) -> list[Series]:
    """The series of an exposition, as text or OpenMetrics. Raises ValueError for a line that is neither."""
    return [_series(line) for line in text.splitlines() if line and not line.startswith("#")]


def selected(series: list[Series], name: str, selector: str) -> Iterator[Series]:
    """The series of a metric that match a selector. A label that is not there is the empty string."""
    matchers = _MATCHER.findall(selector)
    rest = _MATCHER.sub("", selector).replace(",", "").strip()
    if rest:
        raise ValueError(f"not a selector: {rest!r}")
    for one in series:
        if one.name == name and all(_matches(one.labels.get(label, ""), *by) for label, *by in matchers):
            yield one


def _series(line: str) -> Series:
    found = _SERIES.fullmatch(line)
    if found is None:
        raise ValueError(f"not a series: {line!r}")
    labels = {label: _plain(value) for label, value in _LABEL.findall(found["labels"] or "")}
    return Series(name=found["name"], labels=labels, value=float(found["value"]))


def _matches(value: str, operator: str, wanted: str) -> bool:
    wanted = _plain(wanted)
    equal = re.fullmatch(wanted, value) is not None if "~" in operator else value == wanted
    return equal != operator.startswith("!")


def _plain(quoted: str) -> str:
    return quoted.replace(r"\"", '"').replace(r"\n", "\n").replace("\\\\", "\\")
