"""How a new version is tried on a share of the traffic, and the rules for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

from ...analysis import parse_query, stable_pods_needed
from ...kubernetes import Network
from ...shared import Between, or_empty, require, when

_THROUGH_API = re.compile(r"[a-z0-9-]+/[a-z0-9-]+:[a-z0-9-]+", re.ASCII)
_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")


def _prometheus(address: str) -> str | None:
    if "@" in address:
        return "has credentials, which would be in clear; use an address that needs none"
    broken = not _URL.fullmatch(address) and not _THROUGH_API.fullmatch(address)
    wanted = (
        "use a URL (http://prometheus.example.com) or namespace/service:port (monitoring/prometheus:9090)"
    )
    return when(broken, f'"{address}" is not the address of a Prometheus; {wanted}')


class _Percentage:
    """Check of a share with decimals; refuses NaN too, which `Between` cannot compare."""

    text = "0-100 %"

    def __call__(self, value: Decimal) -> str | None:
        broken = not value.is_finite() or not 0 <= value <= 100
        return when(broken, f"{value} is not a percentage; use 0 to 100, such as 1 or 0.5")


_PERCENTAGE = _Percentage()


@dataclass(frozen=True, kw_only=True)
class Canary:
    """A new version is tried on a share of the traffic first. Raises ArgsError."""

    prometheus: Annotated[str, or_empty(_prometheus)] = ""
    """Prometheus with the service's metrics: its URL, or `namespace/service:port` to reach it through the API
    server; required with the strategy canary."""
    steps: tuple[Annotated[int, Between(1, 50, "%")], ...] = (10,)
    """Shares of the pods that the new version gets in turn, ascending."""
    analysis_seconds: Annotated[int, Between(20, 7200, "s")] = 300
    """Length of the whole trial, warm-up included, divided evenly among the steps."""
    interval_seconds: Annotated[int, Between(5, 600, "s")] = 30
    """Time from sample to sample; at least twice Prometheus's scrape interval."""
    warmup_seconds: Annotated[int, Between(0, 600, "s")] = 30
    """Time from ready pods to the first interval that counts."""
    min_requests: Annotated[int, Between(1, 1_000_000)] = 20
    """Minimum number of requests to the canary within an interval; a sample with fewer is unmeasured."""
    max_error_percent: Annotated[Decimal, _PERCENTAGE] = Decimal(1)
    """Maximum share of the canary's requests that end in 5xx; decimals allowed."""
    max_error_increase_percent: Annotated[Decimal, _PERCENTAGE] = Decimal("0.5")
    """Maximum increase of that share over the stable track, percentage points; decimals allowed."""
    max_p99_milliseconds: Annotated[int, Between(0, 600_000, "ms")] = 500
    """Maximum 99th percentile of the canary's latency; 0 leaves latency out."""
    failure_limit: Annotated[int, Between(0, 100)] = 1
    """Number of failed samples that a trial may have."""
    unmeasured_limit: Annotated[int, Between(0, 100)] = 3
    """Number of unmeasured samples in a row that a trial may have (query failed, no data, too few requests);
    each is taken again."""
    queries: Mapping[str, str] = field(default_factory=dict[str, str])
    """Further checks by name: PromQL with one value, a comparison operator and a number
    (`max(queue_depth) <= 100`). `$canary` and `$stable` become patterns of pod names, `$namespace` the
    namespace and `$window` the interval."""
    skip: bool = False
    """Release new versions without a trial, in an emergency."""

    def __post_init__(self) -> None:
        least = self.warmup_seconds + self.interval_seconds * len(self.steps)
        short = when(
            self.analysis_seconds < least,
            f"{self.analysis_seconds} leaves no interval for each step after warm-up; use at least {least}",
        )
        falling = list(self.steps) != sorted(set(self.steps))
        require(
            self,
            ("steps", when(not self.steps, "is empty; name at least one share, such as 10")),
            ("steps", when(falling, f"{list(self.steps)} does not ascend; order the shares")),
            ("analysis_seconds", short),
            *((f"queries.{name}", _query(text)) for name, text in self.queries.items()),
        )


def canary_checks(
    strategy: object, network: Network, pods: int
) -> list[tuple[str, str | None, *tuple[str, ...]]]:
    """Checks of a canary with what is around it; none of another strategy.

    pods: minimum number of stable pods.
    """
    if not isinstance(strategy, Canary):
        return []
    missing = (
        "is empty; name a Prometheus (a URL, or namespace/service:port), the strategy canary measures there"
    )
    first = strategy.steps[0]
    needed = stable_pods_needed(first)
    crowded = (
        f"{first} % is less than one pod beside {pods} stable ones; raise the first step to "
        f"{-(-100 // (pods + 1))} or the pods (autoscaling.minReplicas, or service.replicas) to {needed}"
    )
    return [
        ("strategy.prometheus", when(not strategy.prometheus, missing), "strategy"),
        (
            "strategy.steps",
            when(pods < needed, crowded),
            "strategy",
            "autoscaling.enabled",
            "autoscaling.min_replicas",
            "replicas",
        ),
        ("network.ingress_namespaces", _shut_out(strategy.prometheus, network), "strategy.prometheus"),
    ]


def _shut_out(prometheus: str, network: Network) -> str | None:
    """A Prometheus in the cluster that the NetworkPolicy keeps from the pods would measure nothing."""
    namespace = prometheus.partition("/")[0] if _THROUGH_API.fullmatch(prometheus) else ""
    allowed = network.ingress_namespaces
    broken = bool(namespace and allowed) and namespace not in allowed
    return when(broken, f"leaves out {namespace}, from where Prometheus reads the pods' metrics; add it")


def _query(text: str) -> str | None:
    wanted = "write PromQL, a comparison and a number, such as max(queue_depth) <= 100"
    return when(parse_query(text) is None, f'"{text}" is not a query with a bound; {wanted}')
