"""How a new version is tried on a share of the traffic, and the rules for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from .analysis import stable_pods_needed
from .network import Network
from .promql import parse_query
from .rollout import Rollout
from .rules import in_range, require, when

_THROUGH_API = re.compile(r"[a-z0-9-]+/[a-z0-9-]+:[a-z0-9-]+", re.ASCII)
_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")


@dataclass(frozen=True, kw_only=True)
class Canary:
    """How a new version is tried with the strategy `canary`. Raises ArgsError."""

    prometheus: str = ""
    """Prometheus with the service's metrics: its URL, or `namespace/service:port` to reach it through the API
    server; required with the strategy canary."""
    steps: tuple[int, ...] = (10,)
    """Shares of the pods that the new version gets in turn, percent, 1-50, ascending."""
    analysis_seconds: int = 300
    """The whole trial, 20-7200 s, warm-up included, divided evenly among the steps."""
    interval_seconds: int = 30
    """From sample to sample, 5-600 s; at least twice Prometheus's scrape interval."""
    warmup_seconds: int = 30
    """From ready pods to the first interval that counts, 0-600 s."""
    min_requests: int = 20
    """Fewest requests to the canary within an interval; with fewer a sample has no verdict."""
    max_error_percent: Decimal = Decimal(1)
    """Most of the canary's requests that may end in 5xx, percent, decimals allowed."""
    max_error_increase_percent: Decimal = Decimal("0.5")
    """Most points of percent that this share may be above the stable track's."""
    max_p99_milliseconds: int = 500
    """Longest 99th percentile of the canary's latency, 0-600000 ms; 0 leaves latency out."""
    failure_limit: int = 1
    """Failing samples allowed in a trial, 0-100."""
    unmeasured_limit: int = 3
    """Samples allowed in a row without a verdict (query failed, no data, too few requests), 0-100; each is
    taken again."""
    queries: Mapping[str, str] = field(default_factory=dict[str, str])
    """More to keep, by name: PromQL with one value, and what that has to be (`max(queue_depth) <= 100`).
    `$canary` and `$stable` stand for patterns of pod names, `$namespace` and `$window` for what they say."""
    skip: bool = False
    """Let new versions go to everybody untried, in an emergency."""

    def __post_init__(self) -> None:
        least = self.warmup_seconds + self.interval_seconds * len(self.steps)
        short = when(
            self.analysis_seconds < least,
            f"{self.analysis_seconds} leaves no interval for each step after warm-up; use at least {least}",
        )
        require(
            self,
            ("prometheus", _prometheus(self.prometheus) if self.prometheus else None),
            *_steps(self.steps),
            ("analysis_seconds", in_range(self.analysis_seconds, 20, 7200)),
            ("analysis_seconds", short),
            ("interval_seconds", in_range(self.interval_seconds, 5, 600)),
            ("warmup_seconds", in_range(self.warmup_seconds, 0, 600)),
            ("min_requests", in_range(self.min_requests, 1, 1_000_000)),
            ("max_error_percent", _percent(self.max_error_percent)),
            ("max_error_increase_percent", _percent(self.max_error_increase_percent)),
            ("max_p99_milliseconds", in_range(self.max_p99_milliseconds, 0, 600_000)),
            ("failure_limit", in_range(self.failure_limit, 0, 100)),
            ("unmeasured_limit", in_range(self.unmeasured_limit, 0, 100)),
            *((f"queries.{name}", _query(text)) for name, text in self.queries.items()),
        )


def canary_checks(
    canary: Canary, rollout: Rollout, network: Network, fewest: int
) -> list[tuple[str, str | None, *tuple[str, ...]]]:
    """Checks of a canary with what is around it, the fewest stable pods included; none without one."""
    if rollout.strategy != "canary":
        return []
    missing = (
        "is empty; name a Prometheus (a URL, or namespace/service:port), the strategy canary measures there"
    )
    first = canary.steps[0] if canary.steps else 100
    needed = stable_pods_needed(first)
    crowded = (
        f"{first} % is less than one pod beside {fewest} stable ones; raise the first step to "
        f"{-(-100 // (fewest + 1))} or the pods (autoscaling.minReplicas, or service.replicas) to {needed}"
    )
    return [
        ("canary.prometheus", when(not canary.prometheus, missing), "rollout.strategy"),
        (
            "canary.steps",
            when(fewest < needed, crowded),
            "rollout.strategy",
            "autoscaling.enabled",
            "autoscaling.min_replicas",
            "replicas",
        ),
        ("network.ingress_namespaces", _shut_out(canary.prometheus, network), "canary.prometheus"),
    ]


def _shut_out(prometheus: str, network: Network) -> str | None:
    """A Prometheus in the cluster that the NetworkPolicy keeps from the pods would measure nothing."""
    namespace = prometheus.partition("/")[0] if _THROUGH_API.fullmatch(prometheus) else ""
    allowed = network.ingress_namespaces
    broken = bool(namespace and allowed) and namespace not in allowed
    return when(broken, f"leaves out {namespace}, from where Prometheus reads the pods' metrics; add it")


def _prometheus(address: str) -> str | None:
    if "@" in address:
        return "has credentials, which would be in clear; use an address that needs none"
    broken = not _URL.fullmatch(address) and not _THROUGH_API.fullmatch(address)
    wanted = (
        "use a URL (http://prometheus.example.com) or namespace/service:port (monitoring/prometheus:9090)"
    )
    return when(broken, f'"{address}" is no Prometheus; {wanted}')


def _steps(steps: tuple[int, ...]) -> list[tuple[str, str | None]]:
    none = when(not steps, "is empty; name at least one share, such as 10")
    falling = when(list(steps) != sorted(set(steps)), f"{list(steps)} does not ascend; order the shares")
    return [("steps", reason) for reason in (*(in_range(step, 1, 50) for step in steps), none, falling)]


def _percent(value: Decimal) -> str | None:
    broken = not value.is_finite() or not 0 <= value <= 100
    return when(broken, f"{value} is not a percentage; use 0 to 100, such as 1 or 0.5")


def _query(text: str) -> str | None:
    wanted = "write PromQL, a comparison and a number, such as max(queue_depth) <= 100"
    return when(parse_query(text) is None, f'"{text}" is not a query with a bound; {wanted}')
