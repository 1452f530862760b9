"""Prometheus by its URL, on this machine, and through the API server by a kubectl that is none."""

import json
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from components.analysis.access.prometheus import Ask, PrometheusAccess, PrometheusError, reached_by
from components.cluster.kubectl import Cluster, ClusterError, Kubectl
from tests.support.http_server import Asked, served


def prometheus(
    body: str | bytes, status: int = 200, length: int | None = None
) -> AbstractContextManager[tuple[str, list[Asked]]]:
    """A server that gives one answer."""
    data = body.encode() if isinstance(body, str) else body
    headers = {} if length is None else {"Content-Length": str(length)}
    return served(lambda _: (status, headers, data))


def by_url(address: str, **values: Any) -> Ask:
    return reached_by(PrometheusAccess(address=address, **values), Cluster())


def through_api(address: str, **values: Any) -> Ask:
    return reached_by(PrometheusAccess(address=address), Cluster(**values))


def success(kind: str, result: Any) -> str:
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": result}})


VECTOR = success(
    "vector",
    [{"metric": {"pod": "a"}, "value": [1.5, "12"]}, {"metric": {}, "value": [1.5, "NaN"]}],
)


def test_a_vector_is_labels_and_values() -> None:
    with prometheus(VECTOR) as (url, asked):
        (first, second) = by_url(f"{url}/prefix/")('up{a="b c"} + 1')
    assert first == ({"pod": "a"}, 12.0)
    assert second[1] != second[1], "NaN"
    (one,) = asked
    assert (one.method, one.path) == ("POST", "/prefix/api/v1/query")
    assert one.form == {"query": ['up{a="b c"} + 1']}


def test_a_scalar_is_a_value_without_labels() -> None:
    with prometheus(success("scalar", [1.5, "3"])) as (url, _):
        assert by_url(url)("3") == [({}, 3.0)]


def test_nothing_is_no_series() -> None:
    with prometheus(success("vector", [])) as (url, _):
        assert by_url(url)("up") == []


NO_ANSWERS = {
    "not JSON": ("<html>login", 200, "the answer is not one of Prometheus: '<html>login'"),
    "empty": ("", 200, "the answer is not one of Prometheus: ''"),
    "a list": ("[]", 200, "the answer is not one of Prometheus: '[]'"),
    "null": ("null", 200, "the answer is not one of Prometheus: 'null'"),
    "not text": (b"\xff\xfe", 200, "the answer is not one of Prometheus: '\ufffd\ufffd'"),
    "without data": (
        '{"status": "success"}',
        200,
        """the answer is not one of Prometheus: '{"status": "success"}'""",
    ),
    "a matrix": (
        success("matrix", [{"metric": {}, "values": [[1.5, "3"]]}]),
        200,
        "Prometheus: the query has a matrix, and has to have one number a series",
    ),
    "a failure": ('{"status": "error", "error": "too many samples"}', 200, "Prometheus: too many samples"),
    "a failure without a reason": ('{"status": "error"}', 200, "Prometheus: the query failed"),
    "a query it does not understand": (
        '{"status": "error", "errorType": "bad_data", "error": "parse error: unexpected )"}',
        400,
        "Prometheus: parse error: unexpected )",
    ),
    "an error of something before it": (
        "<html>nginx",
        502,
        "Prometheus: HTTP Error 502: Bad Gateway",
    ),
}


@pytest.mark.parametrize("case", NO_ANSWERS)
def test_no_answer(case: str) -> None:
    body, status, message = NO_ANSWERS[case]
    with prometheus(body, status) as (url, _), pytest.raises(PrometheusError) as caught:
        by_url(url)("up")
    assert str(caught.value) == message


def test_an_answer_that_is_cut_off() -> None:
    with prometheus("{", length=100) as (url, _), pytest.raises(PrometheusError) as caught:
        by_url(url)("up")
    assert str(caught.value) == (
        f"Prometheus at {url} does not answer: IncompleteRead(1 bytes read, 99 more expected)"
    )


def test_refused() -> None:
    with prometheus("") as (url, _):
        pass
    with pytest.raises(PrometheusError) as caught:
        by_url(url)("up")
    assert str(caught.value).startswith(f"Prometheus at {url} does not answer: ")
    assert "refused" in str(caught.value)


def test_too_slow() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as silent:
        url = f"http://127.0.0.1:{silent.server_port}"
        ask = reached_by(PrometheusAccess(address=url), Cluster(), seconds=0.05)
        with pytest.raises(PrometheusError) as caught:
            ask("up")
    assert str(caught.value) == f"Prometheus at {url} does not answer: timed out"


def test_through_the_api_server(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[tuple[str, ...]] = []

    def run(self: Kubectl, *arguments: str) -> str:
        with self.cluster.flags() as flags:
            called.append((*flags, self.namespace, *arguments))
        return VECTOR

    monkeypatch.setattr(Kubectl, "run", run)
    assert through_api("monitoring/prometheus:9090", context="west")("up == 1")[0] == (
        {"pod": "a"},
        12.0,
    )
    path = "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query?query=up+%3D%3D+1"
    assert called == [("--context=west", "monitoring", "get", "--raw", path)]


def test_away_behind_the_api_server_it_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The API server is there; waiting for it would leave the canary unwatched."""
    calls: list[tuple[str, ...]] = []

    def once(_self: Kubectl, *arguments: str, stdin: str) -> str:
        calls.append(arguments)
        raise ClusterError("Error from server (ServiceUnavailable): no endpoints available")

    monkeypatch.setattr(Kubectl, "_once", once)
    with pytest.raises(PrometheusError) as caught:
        through_api("monitoring/prometheus:9090")("up")
    assert len(calls) == 1
    assert str(caught.value) == (
        "Prometheus does not answer through the API server:"
        " Error from server (ServiceUnavailable): no endpoints available"
    )


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("team/prometheus:9090", "/api/v1/namespaces/team/services/prometheus:9090/proxy/api/v1/query"),
        (
            "https:team/prometheus:web",
            "/api/v1/namespaces/team/services/https:prometheus:web/proxy/api/v1/query",
        ),
        (
            "https:team/thanos:9090/prom/eu/",
            "/api/v1/namespaces/team/services/https:thanos:9090/proxy/prom/eu/api/v1/query",
        ),
    ],
)
def test_a_service_may_speak_https_and_have_a_prefix(
    monkeypatch: pytest.MonkeyPatch, address: str, path: str
) -> None:
    called: list[tuple[str, ...]] = []
    monkeypatch.setattr(
        Kubectl, "run", lambda self, *given: called.append((self.namespace, *given)) or VECTOR
    )
    through_api(address)("up")
    reached_by(PrometheusAccess(address=address), Cluster(), seconds=2)("up")
    raw = ("team", "get", "--raw", f"{path}?query=up")
    assert called == [raw, (*raw, "--request-timeout=2s")]


def test_an_address_of_neither_form() -> None:
    with pytest.raises(PrometheusError) as caught:
        through_api("prometheus:9090")
    assert str(caught.value) == (
        'canary.prometheus: "prometheus:9090" is neither a URL nor [https:]namespace/service:port[/prefix]'
    )


# In kubectl's words, as v1.32 said them of these answers of a server.
KUBECTL_SAYS = [
    (
        "The request is invalid: : unknown",
        "Prometheus understands the query, but cannot run it; try it there",
    ),
    (
        "error: You must be logged in to the server (the server has asked for the client to provide"
        " credentials)",
        "renew the login of the kubeconfig; if it is Prometheus that wants a login, which kubectl cannot"
        " send, set canary.prometheus to its URL",
    ),
    (
        'Error from server (Forbidden): services "prometheus:9090" is forbidden',
        "the user of the kubeconfig needs the verb get on services/proxy; if it is Prometheus that wants a"
        " login, set canary.prometheus to its URL",
    ),
    (
        "Error from server (NotFound): the server could not find the requested resource",
        "there is no such Service, or its API is under a path prefix; canary.prometheus is"
        " [https:]namespace/service:port[/prefix]",
    ),
    (
        "Error from server (BadRequest): the server rejected our request for an unknown reason",
        "the query does not parse, or the port speaks https (canary.prometheus https:namespace/service:port)",
    ),
    (
        "Error from server: the server responded with the status code 414",
        "the query is too long for the API server; set canary.prometheus to the URL of Prometheus",
    ),
]


@pytest.mark.parametrize(("words", "remedy"), KUBECTL_SAYS)
def test_a_refusal_through_the_api_server_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, words: str, remedy: str
) -> None:
    def run(_self: Kubectl, *_arguments: str) -> str:
        raise ClusterError(words)

    monkeypatch.setattr(Kubectl, "run", run)
    with pytest.raises(PrometheusError) as caught:
        through_api("team/prometheus:9090")("up")
    assert str(caught.value) == f"Prometheus does not answer through the API server: {words}; {remedy}"


HISTOGRAM = {"metric": {"pod": "b"}, "histogram": [1.5, {"count": "5", "sum": "2", "buckets": []}]}


def test_a_native_histogram_among_numbers_is_left_out() -> None:
    number = {"metric": {"pod": "a"}, "value": [1.5, "12"]}
    with prometheus(success("vector", [HISTOGRAM, number])) as (url, _):
        assert by_url(url)("x") == [({"pod": "a"}, 12.0)]


def test_native_histograms_alone_are_no_answer() -> None:
    with prometheus(success("vector", [HISTOGRAM])) as (url, _), pytest.raises(PrometheusError) as caught:
        by_url(url)("x")
    assert str(caught.value) == (
        "Prometheus: the query has histograms, and has to have one number a series;"
        " use histogram_count or histogram_quantile"
    )


@pytest.mark.parametrize(
    "data",
    [
        {"resultType": "scalar", "result": []},
        {"resultType": "vector", "result": [{"metric": {}, "value": []}]},
    ],
)
def test_an_answer_without_a_value_is_none_of_prometheus(data: dict[str, Any]) -> None:
    text = json.dumps({"status": "success", "data": data}).encode()
    with served(lambda _: (200, {}, text)) as (address, _):
        ask = reached_by(PrometheusAccess(address=address), Cluster())
        with pytest.raises(PrometheusError, match="the answer is not one of Prometheus"):
            ask("up")
