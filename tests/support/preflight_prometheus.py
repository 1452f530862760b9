"""A Prometheus in memory that answers the queries of a preflight."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from components.analysis import PrometheusError

Labels = dict[str, str]
Vector = list[tuple[Labels, Any]]
_MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)("(?:[^"\\]|\\.)*"),?')
_SELECTOR = r"(\w*)\{(.*)\}"
_TIMES = r"timestamp\(" + _SELECTOR + r"\)"
_AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {"count": len, "min": min, "max": max}


class PreflightPrometheus:
    """Keeps every scrape. A value is a number, or the answers' seconds as a native histogram."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked: list[str] = []
        self.answers: dict[str, Vector | PrometheusError] = {}
        """Answers to other queries."""
        self._scrapes: dict[frozenset[tuple[str, str]], list[tuple[float, Any]]] = {}

    def scrape(self, series: Mapping[frozenset[tuple[str, str]], Any]) -> None:
        """Stores what a target exposes now."""
        for labels, value in series.items():
            self._scrapes.setdefault(labels, []).append((self.now, value))

    def ask(self, query: str) -> list[tuple[Labels, float]]:
        """The answer to an instant query."""
        self.asked.append(query)
        if (answer := self.answers.get(query)) is not None:
            if isinstance(answer, PrometheusError):
                raise answer
            return answer
        parts = re.split(r" or (?=label_replace\(|topk\()", query)
        found = [series for part in parts for series in self._vector(part)]
        return [(labels, value) for labels, value in found if isinstance(value, int | float)]

    def _vector(self, query: str) -> Vector:
        for pattern, run in self._forms.items():
            if match := re.fullmatch(pattern, query):
                return run(*match.groups())
        raise AssertionError(f"not a query of a preflight: {query}")

    @property
    def _forms(self) -> dict[str, Callable[..., Vector]]:
        return {
            r"vector\(1\)": lambda: [({}, 1.0)],
            r'label_replace\((.*), "part", "(\w+)", "", ""\)': self._marked,
            r"(count|min|max) by \((.*?)\) \((.*)\)": self._aggregated,
            r"count\((.*)\)": lambda inner: [({}, n) for n in [len(self._vector(inner))] if n],
            r"topk\((\d+), (.*)\)": lambda count, inner: self._vector(inner)[: int(count)],
            r"histogram_count\((.*)\)": self._histogram_count,
            r"min_over_time\(" + _TIMES + r"\[(\d+)s:(\d+)s\]\)": self._first_times,
            r"count_over_time\(" + _SELECTOR + r"\[(\d+)s\]\)": self._count,
            _TIMES + r" \* 0 \+ time\(\)": lambda *of: [(labels, self.now) for labels, _ in self._times(*of)],
            _TIMES: self._times,
            _SELECTOR: lambda *of: [(labels, scrapes[-1][1]) for labels, scrapes in self._matching(*of)],
        }

    def _marked(self, inner: str, part: str) -> Vector:
        return [(labels | {"part": part}, value) for labels, value in self._vector(inner)]

    def _aggregated(self, how: str, names: str, inner: str) -> Vector:
        groups: dict[tuple[tuple[str, str], ...], list[Any]] = {}
        for labels, value in self._vector(inner):
            group = tuple((name, labels[name]) for name in names.split(", ") if name in labels)
            groups.setdefault(group, []).append(value)
        return [(dict(group), _AGGREGATES[how](values)) for group, values in groups.items()]

    def _histogram_count(self, inner: str) -> Vector:
        return [(labels, len(value)) for labels, value in self._vector(inner) if isinstance(value, tuple)]

    def _times(self, name: str, matchers: str) -> Vector:
        return [(labels, scrapes[-1][0]) for labels, scrapes in self._matching(name, matchers)]

    def _first_times(self, name: str, matchers: str, window: str, step: str) -> Vector:
        start = self.now - int(window) + int(step)
        return [
            (labels, max((t for t, _ in scrapes if t <= start), default=scrapes[0][0]))
            for labels, scrapes in self._matching(name, matchers)
        ]

    def _count(self, name: str, matchers: str, seconds: str) -> Vector:
        start = self.now - int(seconds)
        found = self._matching(name, matchers)
        return [(labels, sum(t > start for t, _ in scrapes)) for labels, scrapes in found]

    def _matching(self, name: str, matchers: str) -> list[tuple[Labels, list[tuple[float, Any]]]]:
        assert "".join(match[0] for match in _MATCHER.finditer(matchers)) == matchers
        wanted = [("__name__", "=", name)] if name else []
        wanted += [(m[1], m[2], json.loads(m[3])) for m in _MATCHER.finditer(matchers)]
        return [
            (dict(labels), scrapes)
            for labels, scrapes in self._scrapes.items()
            if all(_matches(dict(labels).get(label, ""), how, text) for label, how, text in wanted)
        ]


def _matches(value: str, how: str, text: str) -> bool:
    if how in {"=", "!="}:
        return (value == text) == (how == "=")
    return bool(re.fullmatch(text, value)) == (how == "=~")
