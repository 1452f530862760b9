"""A Prometheus in memory: what was scraped, and the few kinds of queries that a trial asks."""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from components.analysis.access.prometheus import PrometheusError

Series = list[tuple[dict[str, str], float]]
_STALE = None
_LOOK_BACK = 300
_MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)("(?:[^"\\]|\\.)*"),?')
_SELECTOR = r"(\w+)\{(.*)\}"


class FakePrometheus:
    """Keeps every scrape. A value is a number, or the answers' seconds as a native histogram."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked: list[str] = []
        self.away = ""
        """What is wrong with it; empty if it answers."""
        self.answers: dict[str, Series | PrometheusError] = {}
        """Answers to other queries."""
        self._samples: dict[frozenset[tuple[str, str]], list[tuple[float, Any]]] = {}

    def scrape(self, target: str, series: Mapping[frozenset[tuple[str, str]], Any] | None) -> None:
        """Stores what a target exposes; None if it does not answer. What it no longer has becomes stale."""
        for labels, samples in self._samples.items():
            if ("pod", target) in labels and labels not in (series or {}) and samples[-1][1] is not _STALE:
                samples.append((self.now, _STALE))
        for labels, value in (series or {}).items():
            self._samples.setdefault(labels, []).append((self.now, value))

    def ask(self, query: str) -> Series:
        self.asked.append(query)
        if self.away:
            raise PrometheusError(self.away)
        if (answer := self.answers.get(query)) is not None:
            if isinstance(answer, PrometheusError):
                raise answer
            return answer
        return [(labels, value) for labels, value in self._vector(query) if isinstance(value, int | float)]

    def _vector(self, query: str) -> list[tuple[dict[str, str], Any]]:
        for pattern, run in self._forms.items():
            if match := re.fullmatch(pattern, query):
                return run(*match.groups())
        raise PrometheusError(f'Prometheus: invalid parameter "query": parse error in {query}')

    @property
    def _forms(self) -> dict[str, Callable[..., list[tuple[dict[str, str], Any]]]]:
        return {
            r"(.*) or vector\(time\(\)\)": lambda inner: [*self._vector(inner), ({}, self.now)],
            r"(sum|max) by \((.*?)\) \((.*)\)": self._by,
            r"count\((.*)\)": lambda inner: [({}, n)] if (n := len(self._vector(inner))) else [],
            r"timestamp\((.*)\)": self._timestamps,
            r"topk\((\d+), (.*)\)": lambda count, inner: self._vector(inner)[: int(count)],
            r"histogram_count\((.*?)\)": self._histogram_count,
            r"histogram_fraction\(0, (\S+), (.*)\) \* histogram_count\((.*)\) >= 0": self._below,
            r"max_over_time\(timestamp\((.*)\)\[(\d+)s:(\d+)s\]\)": self._last_time,
            r"count_over_time\(" + _SELECTOR + r"\[(\d+)s\]\)": self._count,
            _SELECTOR + r"(?: @ (\d+))?": self._instant,
        }

    def _by(self, how: str, names: str, inner: str) -> list[tuple[dict[str, str], Any]]:
        groups: dict[tuple[tuple[str, str], ...], list[Any]] = {}
        for labels, value in self._vector(inner):
            group = tuple((name, labels[name]) for name in names.split(", ") if name in labels)
            groups.setdefault(group, []).append(value)
        return [
            (dict(group), max(values) if how == "max" else _sum(values)) for group, values in groups.items()
        ]

    def _histogram_count(self, inner: str) -> list[tuple[dict[str, str], Any]]:
        return [(labels, len(value)) for labels, value in self._vector(inner) if isinstance(value, tuple)]

    def _below(self, bound: str, inner: str, again: str) -> list[tuple[dict[str, str], Any]]:
        assert inner == again
        found = [(labels, value) for labels, value in self._vector(inner) if isinstance(value, tuple)]
        return [(labels, sum(one <= float(bound) for one in value)) for labels, value in found if value]

    def _instant(self, name: str, matchers: str, at: str | None = None) -> list[tuple[dict[str, str], Any]]:
        now = self.now if at is None else float(at)
        seen = [
            (labels, [sample for sample in samples if sample[0] <= now])
            for labels, samples in self._matching(name, matchers)
        ]
        last = [(labels, samples[-1]) for labels, samples in seen if samples]
        return [(labels, v) for labels, (t, v) in last if v is not _STALE and t > now - _LOOK_BACK]

    def _timestamps(self, selector: str) -> list[tuple[dict[str, str], Any]]:
        match = re.fullmatch(_SELECTOR, selector)
        assert match, selector
        seen = [
            (labels, [s for s in samples if s[0] <= self.now])
            for labels, samples in self._matching(*match.groups())
        ]
        last = [(labels, samples[-1]) for labels, samples in seen if samples]
        return [(labels, t) for labels, (t, v) in last if v is not _STALE and t > self.now - _LOOK_BACK]

    def _last_time(self, inner: str, seconds: str, step: str) -> list[tuple[dict[str, str], Any]]:
        now, found = self.now, dict[frozenset[tuple[str, str]], float]()
        try:
            for moment in range(int(now) - int(seconds), int(now) + 1):
                if moment % int(step) == 0:
                    self.now = moment
                    found |= {frozenset(labels.items()): moment for labels, _ in self._vector(inner)}
        finally:
            self.now = now
        return [(dict(labels), moment) for labels, moment in found.items()]

    def _count(self, name: str, matchers: str, seconds: str) -> list[tuple[dict[str, str], Any]]:
        return [(labels, len(values)) for labels, values in self._range(name, matchers, int(seconds))]

    def _range(self, name: str, matchers: str, seconds: int) -> list[tuple[dict[str, str], list[Any]]]:
        found = [
            (labels, [v for t, v in samples if v is not _STALE and t > self.now - seconds])
            for labels, samples in self._matching(name, matchers)
        ]
        return [(labels, values) for labels, values in found if values]

    def _matching(self, name: str, matchers: str) -> list[tuple[dict[str, str], list[tuple[float, Any]]]]:
        assert "".join(match[0] for match in _MATCHER.finditer(matchers)) == matchers
        wanted = [("__name__", "=", name)]
        wanted += [(m[1], m[2], json.loads(m[3])) for m in _MATCHER.finditer(matchers)]
        return [
            (dict(labels), samples)
            for labels, samples in self._samples.items()
            if all(_matches(dict(labels).get(label, ""), how, text) for label, how, text in wanted)
        ]


def _matches(value: str, how: str, text: str) -> bool:
    if how in {"=", "!="}:
        return (value == text) == (how == "=")
    return bool(re.fullmatch(text, value)) == (how == "=~")


def _sum(values: list[Any]) -> Any:
    if all(isinstance(value, tuple) for value in values):
        return tuple(second for value in values for second in value)
    return math.fsum(values)
