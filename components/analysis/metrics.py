"""Which series of Prometheus count requests and time them, and what their statuses mean."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["seconds", "milliseconds"]


@dataclass(frozen=True, kw_only=True)
class MetricNames:
    """Names of a service's metrics and of their labels."""

    requests: str
    """Counter of requests; for libraries that have none the `_count` of their histogram."""
    latency: str
    """Histogram of latency, without `_bucket`."""
    unit: Unit = "seconds"
    """Unit of the histogram."""
    status: str
    """Label of the counter with the status."""
    pod: str = "pod"
    """Label with the name of the pod."""
    namespace: str = "namespace"
    """Label with its namespace."""
    paths: tuple[str, ...] = ()
    """Labels that may hold the path or the route, by which probes and scrapes are left out."""
    errors: str = "5[0-9][0-9]|5[xX][xX]"
    """Statuses that are errors; a regular expression for the whole of it."""
    successes: str = "[1-4][0-9][0-9]|[1-4][xX][xX]"
    """Statuses that are none."""
    ignored: str = ""
    """Statuses that do not count, such as a library's word for a client that went away; empty for none."""
    ignored_paths: tuple[str, ...] = ("/health(z|[_-]?checks?)?(/.*)?", "/metrics")
    """Paths that are not traffic; regular expressions. Empty if probes and scrapes are not counted."""
    selector: str = ""
    """Further label matchers, such as `job="sample"`; empty for none."""
    native: bool = False
    """Whether requests are counted by a native histogram, which has no series of its own for them."""
