"""Answers of a Prometheus, reached by its URL or, with a kubeconfig alone, through the API server."""

import json
import re
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...cluster import Cluster, ClusterError, Kubectl
from .by_url import answer_by_url
from .refusals import PrometheusError, RefusedError, refused_through_api, said

_SECONDS = 15
_THROUGH_API = re.compile(
    r"(?P<scheme>https:)?(?P<namespace>[^/:]+)/(?P<service>[^/:]+:[^/]+)(?P<prefix>/.*)?"
)


@dataclass(frozen=True, kw_only=True)
class PrometheusAccess:
    """Where a Prometheus is, and what it wants to see."""

    address: str
    """`http(s)://…` with an optional path prefix, or `[https:]namespace/service:port[/prefix]` through the
    API server."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Headers of each request, logins included; by URL only."""
    ca: str = ""
    """File with the certificates of the authorities to trust, PEM; empty uses the system's."""


Ask = Callable[[str], list[tuple[dict[str, str], float]]]
"""Runs an instant query. Returns labels and value of each series. Raises PrometheusError."""


def reached_by(access: PrometheusAccess, cluster: Cluster, *, seconds: float = _SECONDS) -> Ask:
    """How to ask a Prometheus.

    cluster: through whose API server, if the address is a Service. seconds: maximum time of an answer.
    """
    if access.address.startswith(("http://", "https://")):
        answer = answer_by_url(access.address, access.headers, access.ca, seconds)
    else:
        answer = _answer_through(access.address, cluster, seconds)
    return lambda query: _series(answer(query))


def _answer_through(address: str, cluster: Cluster, seconds: float) -> Callable[[str], str]:
    match = _THROUGH_API.fullmatch(address)
    if match is None:
        raise RefusedError(
            f'canary.prometheus: "{address}" is neither a URL nor [https:]namespace/service:port[/prefix]'
        )
    # The API server wants `https:` before the name of the Service.
    service = f"{match['scheme'] or ''}{match['service']}"
    prefix = (match["prefix"] or "").rstrip("/")
    base = f"/api/v1/namespaces/{match['namespace']}/services/{service}/proxy{prefix}/api/v1/query"
    # Asked once: that a Prometheus is away looks like an API server that is, and costs one sample.
    kubectl = Kubectl(namespace=match["namespace"], cluster=cluster, patience=0)

    # The last of two flags wins.
    timeout = () if seconds == _SECONDS else (f"--request-timeout={seconds}s",)

    def answer(query: str) -> str:
        path = f"{base}?{urllib.parse.urlencode({'query': query})}"
        try:
            return kubectl.run("get", "--raw", path, *timeout)
        except ClusterError as error:
            raise refused_through_api(str(error)) from None

    return answer


def _series(text: str) -> list[tuple[dict[str, str], float]]:
    try:
        answer: dict[str, Any] = json.loads(text)
        if answer["status"] != "success":
            raise PrometheusError(f"Prometheus: {said(text) or 'the query failed'}")
        kind, result = answer["data"]["resultType"], answer["data"]["result"]
        if kind == "scalar":
            return [({}, float(result[1]))]
        if kind != "vector":
            raise RefusedError(f"Prometheus: the query has a {kind}, and has to have one number a series")
        # A native histogram is no number, and is left out, as Prometheus's own functions of numbers do.
        numbers = [s for s in result if "histogram" not in s]
        if result and not numbers:
            raise RefusedError(
                "Prometheus: the query has histograms, and has to have one number a series; use"
                " histogram_count or histogram_quantile"
            )
        return [(series["metric"], float(series["value"][1])) for series in numbers]
    except (ValueError, LookupError, TypeError):
        raise PrometheusError(f"the answer is not one of Prometheus: {text[:80]!r}") from None
