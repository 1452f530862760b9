"""How a new version is tried on a share of the traffic, and the rules for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

import pulumi

from ...analysis import parse_query
from ...shared import Between, or_empty, require, when
from .address import address, is_https, namespace
from .login import authorities, header_rules, header_value, login_rules, username
from .metrics import CanaryMetrics


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

    prometheus: Annotated[str, or_empty(address)] = ""
    """Prometheus with the service's metrics: its URL, or `namespace/service:port` to reach it through the API
    server (`https:` before it if it has TLS); a path prefix may follow. Required with the strategy canary."""
    prometheus_headers: Mapping[str, pulumi.Input[str]] = field(
        default_factory=dict[str, pulumi.Input[str]], repr=False
    )
    """Headers of each request to it by name, such as `X-Scope-OrgID`."""
    prometheus_username: Annotated[str, or_empty(username)] = ""
    """User that logs in to it, by basic authentication."""
    prometheus_password: pulumi.Input[str] = field(default="", repr=False)
    """Password of that user."""
    prometheus_token: Annotated[pulumi.Input[str], header_value] = field(default="", repr=False)
    """Bearer token that logs in to it instead of a user."""
    prometheus_ca: Annotated[str, or_empty(authorities)] = ""
    """File with the certificates of the authorities to trust for it, PEM, relative to the directory of
    Pulumi.yaml; empty trusts those of the system."""
    steps: tuple[Annotated[int, Between(1, 50, "%")], ...] = (10,)
    """Shares of the pods that the new version gets in turn, ascending."""
    analysis_seconds: Annotated[int, Between(20, 7200, "s")] = 300
    """Length of the whole trial, warm-ups included, divided evenly among the steps."""
    interval_seconds: Annotated[int, Between(5, 600, "s")] = 30
    """Time from sample to sample; at least twice Prometheus's scrape interval."""
    warmup_seconds: Annotated[int, Between(0, 600, "s")] = 30
    """Time from ready pods to the first interval that counts, after each step."""
    min_requests: Annotated[int, Between(1, 1_000_000)] = 20
    """Minimum number of requests to the canary within an interval; a sample with fewer is unmeasured."""
    max_error_percent: Annotated[Decimal, _PERCENTAGE] = Decimal(1)
    """Maximum share of the canary's requests that are errors; decimals allowed."""
    max_error_increase_percent: Annotated[Decimal, _PERCENTAGE] = Decimal("0.5")
    """Maximum increase of that share over the stable track, percentage points; decimals allowed."""
    max_p99_milliseconds: Annotated[int, Between(0, 600_000, "ms")] = 500
    """Maximum 99th percentile of the canary's latency: 1 % of its answers may be slower. A bucket of the
    histogram should end there; 0 leaves latency out."""
    failure_limit: Annotated[int, Between(0, 100)] = 1
    """Number of failed samples that a trial may have."""
    unmeasured_limit: Annotated[int, Between(0, 100)] = 3
    """Number of unmeasured samples in a row that a trial may have (query failed, no data, too few requests);
    each is taken again."""
    eviction_limit: Annotated[int, Between(0, 100)] = 2
    """Number of the canary's pods that the kubelet may evict in a trial, as it does when a node runs out of
    memory or disk."""
    queries: Mapping[str, str] = field(default_factory=dict[str, str])
    """Further checks by name: PromQL with one value, a comparison operator and a number
    (`max(queue_depth) <= 100`). `$canary` and `$stable` become patterns of pod names, `$namespace` the
    namespace and `$window` the interval."""
    skip: bool = False
    """Release new versions without a trial, in an emergency."""
    metrics: CanaryMetrics = field(default_factory=CanaryMetrics)
    """Names of the metrics that it is judged by."""

    def __post_init__(self) -> None:
        least = (self.warmup_seconds + self.interval_seconds) * len(self.steps)
        short = when(
            self.analysis_seconds < least,
            f"{self.analysis_seconds} leaves no interval to each step after warm-up; use at least {least}",
        )
        falling = list(self.steps) != sorted(set(self.steps))
        headers, user = self.prometheus_headers, self.prometheus_username
        require(
            self,
            ("steps", when(not self.steps, "is empty; name at least one share, such as 10")),
            ("steps", when(falling, f"{list(self.steps)} does not ascend; order the shares")),
            ("analysis_seconds", short),
            *header_rules(headers),
            *login_rules(headers, user, self.prometheus_password, self.prometheus_token),
            *((name, why, "prometheus") for name, why in self._out_of_place()),
            *((f"queries.{name}", _query(text)) for name, text in self.queries.items()),
        )

    @property
    def has_login(self) -> bool:
        """Whether requests carry what others must not read."""
        return any(self._login.values())

    @property
    def _login(self) -> dict[str, bool]:
        """Fields that are sent to Prometheus, and whether each is set."""
        names = ("headers", "username", "password", "token")
        return {f"prometheus_{name}": bool(getattr(self, f"prometheus_{name}")) for name in names}

    def _out_of_place(self) -> Iterator[tuple[str, str | None]]:
        """Settings of the connection that its kind of address cannot use."""
        kept = (
            f"does not reach {self.prometheus}: the API server passes no login on; use the URL of Prometheus"
        )
        through_api = bool(namespace(self.prometheus))
        yield from ((name, when(through_api and given, kept)) for name, given in self._login.items())
        unused = bool(self.prometheus and self.prometheus_ca) and not is_https(self.prometheus)
        yield "prometheus_ca", when(unused, f"is not used with {self.prometheus}; use https://, or remove it")


def _query(text: str) -> str | None:
    wanted = "write PromQL, a comparison and a number, such as max(queue_depth) <= 100"
    return when(parse_query(text) is None, f'"{text}" is not a query with a bound; {wanted}')
