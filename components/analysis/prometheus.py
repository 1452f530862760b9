"""Answers of a Prometheus, reached by its URL or, with a kubeconfig alone, through the API server."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from typing import Any

from ..cluster import Cluster, ClusterError, Kubectl

_SECONDS = 15

Ask = Callable[[str], list[tuple[dict[str, str], float]]]
"""Runs an instant query. Returns labels and value of each series. Raises PrometheusError."""


class PrometheusError(Exception):
    """A query got no answer, and why."""


def reached_by(address: str, cluster: Cluster) -> Ask:
    """How to ask a Prometheus: `http(s)://…`, or `namespace/service:port` through a cluster's API server."""
    if address.startswith(("http://", "https://")):
        return lambda query: _series(_get(address.rstrip("/"), query))
    namespace, service = address.split("/")
    base = f"/api/v1/namespaces/{namespace}/services/{service}/proxy"
    # Asked once: that a Prometheus is away looks like an API server that is, and costs one sample.
    kubectl = Kubectl(namespace=namespace, cluster=cluster, patience=0)
    return lambda query: _series(_through(kubectl, base, query))


def _get(base: str, query: str) -> str:
    try:
        with urllib.request.urlopen(_path(base, query), timeout=_SECONDS) as answer:  # noqa: S310 - http(s) only
            return answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        raise PrometheusError(_message(error.read().decode(errors="replace"), str(error))) from None
    except (OSError, HTTPException) as error:  # cut off in the middle is no OSError
        raise PrometheusError(f"Prometheus at {base} does not answer: {error}") from None


def _through(cluster: Kubectl, base: str, query: str) -> str:
    try:
        return cluster.run("get", "--raw", _path(base, query))
    except ClusterError as error:
        raise PrometheusError(f"Prometheus does not answer through the API server: {error}") from None


def _path(base: str, query: str) -> str:
    return f"{base}/api/v1/query?{urllib.parse.urlencode({'query': query})}"


def _series(text: str) -> list[tuple[dict[str, str], float]]:
    try:
        answer: dict[str, Any] = json.loads(text)
        if answer["status"] != "success":
            raise PrometheusError(_message(text, "the query failed"))
        kind, result = answer["data"]["resultType"], answer["data"]["result"]
        if kind == "scalar":
            return [({}, float(result[1]))]
        if kind != "vector":
            raise PrometheusError(f"Prometheus: the query has a {kind}, and has to have one number a series")
        return [(series["metric"], float(series["value"][1])) for series in result]
    except (ValueError, KeyError, TypeError):
        raise PrometheusError(f"the answer is not one of Prometheus: {text[:80]!r}") from None


def _message(text: str, otherwise: str) -> str:
    """What Prometheus itself says is wrong."""
    try:
        return f"Prometheus: {json.loads(text)['error']}"
    except (ValueError, KeyError, TypeError):
        return f"Prometheus: {otherwise}"
