"""What goes to a Prometheus by URL: long queries, logins, and where they may be sent on to."""

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from components.analysis.access.by_url import same_host
from components.analysis.access.prometheus import Ask, PrometheusAccess, PrometheusError, reached_by
from components.analysis.access.refusals import RefusedError
from components.cluster import Cluster
from tests.support.http_server import Answer, Asked, served

ONE = b'{"status": "success", "data": {"resultType": "scalar", "result": [1.5, "1"]}}'
LOGIN = {"Authorization": "Bearer s3cr3t-7431", "X-Scope-OrgID": "team"}


def by_url(address: str, **values: Any) -> Ask:
    return reached_by(PrometheusAccess(address=address, **values), Cluster())


def refusal(ask: Ask) -> str:
    with pytest.raises(PrometheusError) as caught:
        ask("up")
    return str(caught.value)


def one(_asked: Asked) -> Answer:
    return 200, {}, ONE


def test_a_query_may_be_longer_than_a_url() -> None:
    query = f'up{{pod=~"{"|".join(f"sample-{n}" for n in range(3000))}"}}'
    with served(one) as (url, asked):
        assert by_url(url)(query) == [({}, 1.0)]
    assert (asked[0].method, asked[0].path, asked[0].form) == ("POST", "/api/v1/query", {"query": [query]})


def test_every_request_has_the_headers() -> None:
    with served(one) as (url, asked):
        ask = by_url(url, headers=LOGIN)
        ask("up")
        ask("up")
    assert [{name: one.headers[name] for name in LOGIN} for one in asked] == [LOGIN, LOGIN]


def test_a_proxy_that_refuses_post_is_asked_by_get() -> None:
    def get_only(asked: Asked) -> Answer:
        return (405, {}, b"") if asked.method == "POST" else (200, {}, ONE)

    with served(get_only) as (url, asked):
        assert by_url(url, headers=LOGIN)("a + b") == [({}, 1.0)]
    assert asked[1].path == "/api/v1/query?query=a+%2B+b"
    assert asked[1].headers["Authorization"] == LOGIN["Authorization"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_within_the_host_a_redirect_gets_the_query_and_the_login(status: int) -> None:
    def moved(asked: Asked) -> Answer:
        there = asked.path.startswith("/prefix")
        return (200, {}, ONE) if there else (status, {"Location": f"/prefix{asked.path}"}, b"")

    with served(moved) as (url, asked):
        assert by_url(url, headers=LOGIN)("a + b") == [({}, 1.0)]
    assert (asked[1].method, asked[1].form) == ("POST", {"query": ["a + b"]})
    assert asked[1].headers["Authorization"] == LOGIN["Authorization"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_another_host_gets_no_login(status: int) -> None:
    with (
        served(lambda _: (401, {}, b"no org id")) as (other, got),
        served(lambda asked: (status, {"Location": f"{other}{asked.path}"}, b"")) as (url, _),
    ):
        said = refusal(by_url(url, headers=LOGIN))
    assert [name for name in LOGIN if name in got[0].headers] == []
    assert said.startswith(f"Prometheus at {other} answers 401 Unauthorized (no org id): ")


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("http://a/x", "http://a:80/y", True),
        ("https://a/x", "https://a:443/y", True),
        ("http://a/x", "https://a/x", True),
        ("https://a/x", "http://a/x", False),
        ("http://a:9090/x", "https://a/x", False),
        ("http://a/x", "https://b/x", False),
        ("http://a:9090/x", "http://a:9091/x", False),
    ],
)
def test_a_login_goes_to_its_own_host_only(left: str, right: str, same: bool) -> None:
    assert same_host(left, right) is same


def test_no_other_protocol_is_followed() -> None:
    with served(lambda _: (302, {"Location": "ftp://127.0.0.1/x"}, b"")) as (url, _):
        assert refusal(by_url(url)).startswith("Prometheus: HTTP Error 302: ")


REFUSALS = {
    (401, "no org id"): "401 Unauthorized (no org id): it wants a login; set canary.prometheusToken,"
    " canary.prometheusUsername and canary.prometheusPassword, or canary.prometheusHeaders",
    (401, "<html>login"): "401 Unauthorized: it wants a login; set canary.prometheusToken,"
    " canary.prometheusUsername and canary.prometheusPassword, or canary.prometheusHeaders",
    (
        403,
        '{"error": "not yours"}',
    ): "403 Forbidden (not yours): the login may not query it, or there is none;"
    " check canary.prometheusToken, canary.prometheusUsername and canary.prometheusPassword, or"
    " canary.prometheusHeaders",
    (
        404,
        "404 page not found\n",
    ): "404 Not Found (404 page not found): its API is not there; add the path prefix"
    " it is under to canary.prometheus (https://host/prefix)",
    (
        414,
        "",
    ): "414 Request-URI Too Long: the query is too long for a URL; let what is in front of it pass POST",
}


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_a_refusal_says_what_to_set(case: tuple[int, str]) -> None:
    status, body = case
    with served(lambda _: (status, {}, body.encode())) as (url, _):
        assert refusal(by_url(f"{url}/prefix")) == f"Prometheus at {url}/prefix answers {REFUSALS[case]}"


@pytest.mark.parametrize(
    ("status", "again"),
    [
        (400, False),
        (401, False),
        (404, False),
        (422, False),
        (408, True),
        (429, True),
        (502, True),
        (503, True),
    ],
)
def test_only_a_refusal_would_be_the_same_again(status: int, again: bool) -> None:
    with served(lambda _: (status, {}, b"")) as (url, _), pytest.raises(PrometheusError) as caught:
        by_url(url)("up")
    assert isinstance(caught.value, RefusedError) is not again


def test_a_header_that_cannot_be_sent_is_not_repeated() -> None:
    said = refusal(by_url("http://127.0.0.1:1", headers={"Authorization": "Bearer s3cr3t\nHost: x"}))
    assert said == "canary.prometheus or one of its headers has characters that HTTP does not allow"


def test_a_certificate_of_an_own_authority(tmp_path: Path) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "own.pem"))
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    with served(one, tls) as (url, _):
        assert by_url(url, ca=str(tmp_path / "own.pem"))("up") == [({}, 1.0)]
        said = refusal(by_url(url, ca=str(tmp_path / "other.pem")))
    assert said == (
        f"Prometheus at {url} does not answer: unable to get local issuer certificate;"
        " name the file of its certificate's authority in canary.prometheusCa"
    )


def test_a_ca_file_that_cannot_be_used(tmp_path: Path) -> None:
    missing, empty = tmp_path / "missing.pem", tmp_path / "empty.pem"
    empty.touch()
    assert refusal(by_url("https://127.0.0.1:1", ca=str(missing))) == (
        f"canary.prometheusCa: {missing} cannot be read: No such file or directory"
    )
    assert refusal(by_url("https://127.0.0.1:1", ca=str(empty))) == (
        f"canary.prometheusCa: {empty} cannot be read: it has no certificate in PEM"
    )


def test_a_login_is_in_no_text_of_the_access() -> None:
    assert "s3cr3t" not in repr(PrometheusAccess(address="http://a", headers=LOGIN))


def test_an_error_that_is_cut_off_is_one_without_words() -> None:
    def cut(_asked: Asked) -> Answer:
        return 502, {"Content-Length": "1000"}, b"half of"

    with served(cut) as (address, _):
        assert "502" in refusal(by_url(address))
