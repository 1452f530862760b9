"""What is asked of a registry, of a stand-in on a loopback address, and logins of the Docker client."""

import base64
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from components.image import registry, registry_http
from components.image.docker_login import Login, RegistryError, docker_login
from components.image.registry import Manifest, Registry
from components.shared import DOCKER_HUB_KEY

DIGEST = f"sha256:{'a' * 64}"
MEMBERS = (f"sha256:{'b' * 64}", f"sha256:{'c' * 64}")
LOGIN = Login(username="robot", password="hunter2-7431")


class Stand(ThreadingHTTPServer):
    """A registry with one repository, acme/shop, and one tag there, v1."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scheme = ""
        self.accepted = "nobody"
        self.failures = 0
        self.requests: list[tuple[str, str]] = []
        self.setting = 201
        self.set = ("", "", "")
        self.headers = {"Docker-Content-Digest": DIGEST, "Content-Type": "application/vnd.acme+json"}
        self.body = json.dumps({"manifests": [{"digest": member} for member in MEMBERS]})
        self.host = f"127.0.0.1:{self.server_port}"
        self.repository = f"{self.host}/acme/shop"

    def ask(self, tag: str = "v1", login: Login | None = LOGIN) -> Manifest | None:
        return Registry(self.repository, login).manifest(tag)

    def respond(self, request: BaseHTTPRequestHandler, form: str) -> tuple[int, dict[str, str], str]:
        path, given = urlsplit(request.path), request.headers.get("Authorization", "")
        self.requests.append((path.path, given))
        if path.path == "/token":
            asked = parse_qs(form or path.query)
            assert asked["scope"] == ["repository:acme/shop:pull,push"]
            assert asked["service"] == ["here"]
            known = given == basic(LOGIN) or asked.get("refresh_token") == ["refresh-5150"]
            return (200, {}, json.dumps({"token": "token-1"})) if known else (401, {}, "")
        if self.failures:
            self.failures -= 1
            return 503, {}, ""
        if self.scheme and given != self.accepted:
            return 401, {"WWW-Authenticate": self.scheme}, ""
        if request.command == "PUT":
            self.set = (path.path, request.headers["Content-Type"], form)
            return self.setting, {}, ""
        there = path.path.endswith(("/v1", f"/{DIGEST}"))
        return (200, self.headers, self.body) if there else (404, {}, "{}")


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        code, headers, body = cast(Stand, self.server).respond(self, form)
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    do_POST = do_PUT = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        pass


def basic(login: Login) -> str:
    return "Basic " + base64.b64encode(f"{login.username}:{login.password}".encode()).decode()


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stand]:
    monkeypatch.setattr(registry_http, "_RETRY_SECONDS", 0)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Stand() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_tag_stands_for_a_digest_and_its_members(stand: Stand) -> None:
    assert stand.ask() == Manifest(digest=DIGEST, members=MEMBERS)
    assert stand.requests == [("/v2/acme/shop/manifests/v1", "")]


def test_without_the_header_the_digest_is_that_of_the_content(stand: Stand) -> None:
    stand.headers, stand.body = {}, "{}"
    found = stand.ask()
    assert found == Manifest(
        digest="sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", members=()
    )


def test_a_tag_that_is_not_there_is_none(stand: Stand) -> None:
    assert stand.ask("v2") is None


@pytest.mark.parametrize(
    ("members", "same"), [((), False), ((MEMBERS[0],), True), (MEMBERS, False)], ids=["other", "list", "more"]
)
def test_a_list_of_one_manifest_is_that_image(members: tuple[str, ...], same: bool) -> None:
    assert Manifest(digest=DIGEST, members=members).is_image(MEMBERS[0]) == same
    assert Manifest(digest=DIGEST, members=members).is_image(DIGEST)


def with_tokens(stand: Stand) -> None:
    stand.scheme = (
        f'Bearer realm="http://{stand.host}/token",service="here",scope="repository:acme/shop:pull"'
    )
    stand.accepted = "Bearer token-1"


def test_a_login_is_given_where_it_is_asked_for(stand: Stand) -> None:
    stand.scheme, stand.accepted = 'Basic realm="here"', basic(LOGIN)
    assert stand.ask()
    assert [given for _, given in stand.requests] == ["", basic(LOGIN)]


def test_a_login_is_changed_for_a_token(stand: Stand) -> None:
    with_tokens(stand)
    asked = Registry(stand.repository, LOGIN)
    assert asked.manifest("v1")
    assert asked.manifest("v2") is None
    manifests, token = "/v2/acme/shop/manifests/", "Bearer token-1"
    assert stand.requests == [
        (f"{manifests}v1", ""),
        ("/token", basic(LOGIN)),
        (f"{manifests}v1", token),
        (f"{manifests}v2", token),
    ]


def test_an_identity_token_is_changed_for_a_token(stand: Stand) -> None:
    with_tokens(stand)
    assert stand.ask(login=Login(username="", password="", identity_token="refresh-5150"))


def test_the_docker_client_s_login_is_used_when_none_is_given(stand: Stand, tmp_path: Path) -> None:
    with_tokens(stand)
    entry = {"auth": basic(LOGIN).removeprefix("Basic ")}
    (tmp_path / "config.json").write_text(json.dumps({"auths": {stand.host: entry}}))
    assert stand.ask(login=None)


def test_a_registry_that_is_away_for_a_moment_is_asked_again(stand: Stand) -> None:
    stand.failures = 2
    assert stand.ask()


def test_a_tag_is_set_to_the_very_manifest(stand: Stand) -> None:
    with_tokens(stand)
    Registry(stand.repository, LOGIN).tag(DIGEST, "sha-1")
    assert stand.set == ("/v2/acme/shop/manifests/sha-1", "application/vnd.acme+json", stand.body)


@pytest.mark.parametrize(
    ("digest", "said"),
    [
        (DIGEST, "HOST does not set the tag sha-1: 403 Forbidden"),
        (MEMBERS[0], f"HOST answered 404 Not Found about {MEMBERS[0]}"),
    ],
)
def test_a_tag_that_cannot_be_set_is_said(stand: Stand, digest: str, said: str) -> None:
    stand.setting = 403
    with pytest.raises(RegistryError) as caught:
        Registry(stand.repository, LOGIN).tag(digest, "sha-1")
    assert str(caught.value).replace(stand.host, "HOST") == said


def refused(stand: Stand, login: Login | None = LOGIN) -> str:
    with pytest.raises(RegistryError) as caught:
        stand.ask(login=login)
    assert LOGIN.password not in str(caught.value)
    return str(caught.value).replace(stand.host, "HOST")


def test_a_registry_that_stays_away_is_said(stand: Stand) -> None:
    stand.failures = 9
    assert refused(stand) == "HOST answered 503 Service Unavailable"
    assert len(stand.requests) == 3


def test_a_login_that_is_refused_is_said(stand: Stand) -> None:
    with_tokens(stand)
    other = Login(username="robot", password="other")
    assert refused(stand, other) == "HOST refuses the login: 401 Unauthorized"
    stand.accepted = "Bearer another"
    assert refused(stand) == "HOST answered 401 Unauthorized"


def test_a_login_that_is_missing_is_said(stand: Stand) -> None:
    stand.scheme = 'Basic realm="here"'
    assert refused(stand, None) == "HOST asks for a login, and there is none"


@pytest.mark.parametrize("scheme", ["Negotiate", 'Bearer realm="ftp://elsewhere/token"', "Bearer"])
def test_a_login_of_another_kind_is_said(stand: Stand, scheme: str) -> None:
    stand.scheme = scheme
    assert refused(stand) == f"HOST asks for a login in a way that is not known: {scheme}"


@pytest.mark.parametrize("body", ["", "[]", '{"manifests": [{}]}', '{"manifests": 1}'])
def test_an_answer_that_is_no_manifest_is_said(stand: Stand, body: str) -> None:
    stand.body = body
    assert refused(stand) == "HOST gave no manifest for the tag v1"


def test_nobody_there_is_said(stand: Stand) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with pytest.raises(RegistryError) as caught:
        Registry(f"127.0.0.1:{port}/acme/shop", None).manifest("v1")
    assert str(caught.value) == f"127.0.0.1:{port} cannot be reached: [Errno 111] Connection refused"


def test_only_loopback_addresses_are_asked_without_tls(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_LOOPBACK", registry.re.compile("nowhere"))
    assert refused(stand).startswith("HOST cannot be reached: [SSL")
    assert not stand.requests


def test_an_authority_that_is_not_trusted_is_said_with_the_remedy(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def untrusted(*_: Any) -> Any:
        raise registry.URLError(ssl.SSLCertVerificationError(1, "unable to get local issuer certificate"))

    monkeypatch.setattr(registry_http.Http, "send", untrusted)
    assert refused(stand).endswith("; have SSL_CERT_FILE name a file with its authority")


def test_names_of_docker_hub_are_those_of_its_api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    asked: list[str] = []

    def send(_self: registry_http.Http, _method: str, url: str, *_: Any) -> Any:
        asked.append(url)
        return SimpleNamespace(status=200, headers={"Docker-Content-Digest": DIGEST}, body=b"{}")

    monkeypatch.setattr(registry_http.Http, "send", send)
    for name in ("acme/shop", "docker.io/shop", "ghcr.io/acme/shop"):
        assert Registry(name, None).manifest("v1")
    assert asked == [
        "https://registry-1.docker.io/v2/acme/shop/manifests/v1",
        "https://registry-1.docker.io/v2/library/shop/manifests/v1",
        "https://ghcr.io/v2/acme/shop/manifests/v1",
    ]


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The Docker client's configuration, and on PATH a helper `fake` that reads its answers from files."""
    helper = tmp_path / "docker-credential-fake"
    helper.write_text(
        f'#!/bin/sh\nread key\ncat "{tmp_path}/answers/${{key##*/}}" 2>/dev/null && exit 0\n'
        'echo "credentials not found in native keychain"; exit 1\n'
    )
    helper.chmod(0o755)
    (tmp_path / "answers").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path / "config.json"


AUTH = {"auth": base64.b64encode(b"robot:hunter2-7431").decode()}


@pytest.mark.parametrize(
    ("auths", "key"),
    [
        ({"ghcr.io": AUTH}, "ghcr.io"),
        ({"https://ghcr.io/v2/": AUTH}, "ghcr.io"),
        ({DOCKER_HUB_KEY: AUTH}, DOCKER_HUB_KEY),
        ({"ghcr.io": {"username": "robot", "password": "hunter2-7431"}}, "ghcr.io"),
    ],
)
def test_a_stored_login_is_found(docker: Path, auths: dict[str, Any], key: str) -> None:
    docker.write_text(json.dumps({"auths": auths}))
    assert docker_login(key) == LOGIN
    assert docker_login("quay.io") is None


def test_a_stored_identity_token_is_found(docker: Path) -> None:
    entry = {"auth": base64.b64encode(b"0-0:").decode(), "identitytoken": "refresh-5150"}
    docker.write_text(json.dumps({"auths": {"acme.azurecr.io": entry}}))
    assert docker_login("acme.azurecr.io") == Login(
        username="0-0", password="", identity_token="refresh-5150"
    )


@pytest.mark.parametrize("config", [{"credsStore": "fake"}, {"credHelpers": {"ghcr.io": "fake"}}])
def test_a_helper_s_login_is_found(docker: Path, config: dict[str, Any]) -> None:
    docker.write_text(json.dumps(config))
    answer = docker.parent / "answers/ghcr.io"
    answer.write_text(json.dumps({"Username": "robot", "Secret": "hunter2-7431"}))
    assert docker_login("ghcr.io") == LOGIN
    assert docker_login("quay.io") is None
    answer.write_text(json.dumps({"Username": "<token>", "Secret": "refresh-5150"}))
    assert docker_login("ghcr.io") == Login(username="", password="", identity_token="refresh-5150")


def test_no_configuration_is_no_login(docker: Path) -> None:
    assert not docker.exists()
    assert docker_login("ghcr.io") is None


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("{", "the Docker client's configuration FILE cannot be read"),
        ('{"credsStore": "absent"}', "the Docker client's credential helper docker-credential-absent failed"),
    ],
)
def test_a_login_that_cannot_be_had_is_said(docker: Path, config: str, said: str) -> None:
    docker.write_text(config)
    with pytest.raises(RegistryError) as caught:
        docker_login("ghcr.io")
    assert str(caught.value).replace(str(docker), "FILE").startswith(said)
