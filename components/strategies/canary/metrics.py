"""How the metrics of a service are called."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from ...analysis import PRESETS, MetricNames
from ...shared import or_empty, require, when
from .patterns import histogram, label, matchers, metric, pattern

Preset = Literal[
    "default",
    "promhttp",
    "otelhttp",
    "otelhttp-old",
    "go-chi",
    "gin",
    "gin-metrics",
    "echo",
    "fiber",
    "slok",
    "grpc",
    "istio",
    "linkerd",
]


def _unit(unit: str) -> str | None:
    broken = unit not in {"seconds", "milliseconds"}
    return when(broken, f'"{unit}" is not a unit of latency; use seconds or milliseconds')


@dataclass(frozen=True, kw_only=True)
class CanaryMetrics:
    """Names of the metrics that a canary is judged by. What is empty is the preset's. Raises ArgsError."""

    preset: Preset = "default"
    """Library that makes the metrics, whose names are the defaults of the others."""
    requests: Annotated[str, or_empty(metric)] = ""
    """Counter of requests, or the `_count` of a histogram. What is empty here is the preset's."""
    latency: Annotated[str, or_empty(histogram)] = ""
    """Histogram of latency, classic or native, without `_bucket`."""
    unit: Annotated[str, or_empty(_unit)] = ""
    """Unit of the histogram, `seconds` or `milliseconds`."""
    status_label: Annotated[str, or_empty(label)] = ""
    """Label of the counter with the status."""
    pod_label: Annotated[str, or_empty(label)] = ""
    """Label with the name of the pod."""
    namespace_label: Annotated[str, or_empty(label)] = ""
    """Label with the namespace of the pod."""
    path_labels: tuple[Annotated[str, label], ...] = ()
    """Labels that may hold a path or a route, by which probes and scrapes are left out."""
    errors: Annotated[str, or_empty(pattern)] = ""
    """Statuses that are errors, a regular expression for the whole of it."""
    successes: Annotated[str, or_empty(pattern)] = ""
    """Statuses that are none, likewise. A status that is neither makes a sample unmeasured."""
    ignored: Annotated[str, or_empty(pattern)] = ""
    """Statuses that do not count, likewise, such as a library's word for a client that went away."""
    ignored_paths: tuple[Annotated[str, pattern], ...] = ()
    """Paths that are not traffic, regular expressions. Those of the service's own probes and metrics never
    are."""
    selector: Annotated[str, or_empty(matchers)] = ""
    """Further label matchers besides the preset's, such as `job="shop"`."""

    def __post_init__(self) -> None:
        require(self)

    def resolved(self, own_paths: Collection[str]) -> MetricNames:
        """All names.

        own_paths: those of the service's own probes and metrics, which are not traffic either.
        """
        preset = PRESETS[self.preset]
        chosen: dict[str, Any] = {
            "requests": self.requests,
            "latency": self.latency,
            "unit": self.unit,
            "status": self.status_label,
            "pod": self.pod_label,
            "namespace": self.namespace_label,
            "paths": self.path_labels,
            "errors": self.errors,
            "successes": self.successes,
            "ignored": self.ignored,
            "selector": ",".join(text for text in (preset.selector, self.selector) if text),
        }
        names = replace(preset, **{name: value for name, value in chosen.items() if value})
        ignored = self.ignored_paths or preset.ignored_paths
        # Without a label to tell them by, further paths would say nothing.
        more = _more(ignored, own_paths) if names.paths else []
        return replace(names, ignored_paths=(*ignored, *more))


def _more(patterns: Collection[str], paths: Collection[str]) -> list[str]:
    """Patterns of paths that none matches yet. A query is left out, as every path may have one."""
    bare = dict.fromkeys(path.partition("?")[0] for path in paths)
    return [re.escape(path) for path in bare if path and not any(re.fullmatch(p, path) for p in patterns)]
