"""Prometheus by its URL, on this machine, and through the API server by a kubectl that is none."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from components.analysis.prometheus import PrometheusError, reached_by
from components.cluster.kubectl import Cluster, ClusterError, Kubectl


@contextmanager
def prometheus(
    body: str | bytes, status: int = 200, length: int | None = None
) -> Iterator[tuple[str, list[str]]]:
    """A server that gives one answer. Yields its URL and the paths that were asked for."""
    asked: list[str] = []
    data = body.encode() if isinstance(body, str) else body

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(data) if length is None else length))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def success(kind: str, result: Any) -> str:
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": result}})


VECTOR = success(
    "vector",
    [{"metric": {"pod": "a"}, "value": [1.5, "12"]}, {"metric": {}, "value": [1.5, "NaN"]}],
)


def test_a_vector_is_labels_and_values() -> None:
    with prometheus(VECTOR) as (url, asked):
        (first, second) = reached_by(f"{url}/prefix/", Cluster())('up{a="b c"} + 1')
    assert first == ({"pod": "a"}, 12.0)
    assert second[1] != second[1], "NaN"
    (path,) = asked
    assert urlsplit(path).path == "/prefix/api/v1/query"
    assert parse_qs(urlsplit(path).query) == {"query": ['up{a="b c"} + 1']}


def test_a_scalar_is_a_value_without_labels() -> None:
    with prometheus(success("scalar", [1.5, "3"])) as (url, _):
        assert reached_by(url, Cluster())("3") == [({}, 3.0)]


def test_nothing_is_no_series() -> None:
    with prometheus(success("vector", [])) as (url, _):
        assert reached_by(url, Cluster())("up") == []


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
        reached_by(url, Cluster())("up")
    assert str(caught.value) == message


def test_an_answer_that_is_cut_off() -> None:
    with prometheus("{", length=100) as (url, _), pytest.raises(PrometheusError) as caught:
        reached_by(url, Cluster())("up")
    assert str(caught.value) == (
        f"Prometheus at {url} does not answer: IncompleteRead(1 bytes read, 99 more expected)"
    )


def test_refused() -> None:
    with prometheus("") as (url, _):
        pass
    with pytest.raises(PrometheusError) as caught:
        reached_by(url, Cluster())("up")
    assert str(caught.value).startswith(f"Prometheus at {url} does not answer: ")
    assert "refused" in str(caught.value)


def test_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.analysis.prometheus._SECONDS", 0.05)
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as silent:
        url = f"http://127.0.0.1:{silent.server_port}"
        with pytest.raises(PrometheusError) as caught:
            reached_by(url, Cluster())("up")
    assert str(caught.value) == f"Prometheus at {url} does not answer: timed out"


def test_through_the_api_server(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[tuple[str, ...]] = []

    def run(self: Kubectl, *arguments: str) -> str:
        with self.cluster.flags() as flags:
            called.append((*flags, self.namespace, *arguments))
        return VECTOR

    monkeypatch.setattr(Kubectl, "run", run)
    assert reached_by("monitoring/prometheus:9090", Cluster(context="west"))("up == 1")[0] == (
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
        reached_by("monitoring/prometheus:9090", Cluster())("up")
    assert len(calls) == 1
    assert str(caught.value) == (
        "Prometheus does not answer through the API server:"
        " Error from server (ServiceUnavailable): no endpoints available"
    )
