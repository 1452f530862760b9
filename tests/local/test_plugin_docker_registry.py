"""Deleting a manifest, from a small registry in this process."""

from __future__ import annotations

import base64
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from local.plugins.docker_auth import Registry
from local.plugins.docker_registry import delete_manifest
from tests.local.plugin_calls import Said, context

DIGEST = "sha256:" + "1" * 64
LOGIN = "Basic " + base64.b64encode(b"user:pass").decode()


@dataclass
class FakeRegistry:
    """Answers a delete with `status`; asks for the login first where `challenge` is one."""

    address: str
    status: int = 202
    challenge: str = ""
    asked: list[str] = field(default_factory=list[str])

    def allows(self, authorization: str) -> bool:
        if not self.challenge:
            return True
        return authorization == ("Bearer good" if self.challenge.startswith("Bearer") else LOGIN)


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_DELETE(self) -> None:
            authorization = self.headers.get("Authorization", "")
            fake.asked.append(f"DELETE {self.path}")
            if fake.allows(authorization):
                self._answer(fake.status)
            else:
                self._answer(401, {"WWW-Authenticate": fake.challenge})

        def do_GET(self) -> None:
            fake.asked.append(f"GET {self.path}")
            good = self.headers.get("Authorization", "") == LOGIN
            self._answer(200 if good else 401, body=b'{"token": "good"}')

        def _answer(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
            self.send_response(status)
            for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake = FakeRegistry(address=f"127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield fake
    server.shutdown()
    server.server_close()
    thread.join()


def _delete(registry: FakeRegistry, tmp_path: Path, *logins: Registry) -> Said:
    ctx, said = context()
    delete_manifest(ctx, f"{registry.address}/a/b@{DIGEST}", logins, {"DOCKER_CONFIG": str(tmp_path)})
    return said


def _login(registry: FakeRegistry, password: str = "pass") -> Registry:  # noqa: S107 - of a registry in this file
    return Registry(address=registry.address, username="user", password=password)


@pytest.mark.parametrize("status", [202, 404])
def test_deleting_what_is_there_and_what_is_gone(registry: FakeRegistry, tmp_path: Path, status: int) -> None:
    registry.status = status
    assert _delete(registry, tmp_path).logs == []
    assert registry.asked == [f"DELETE /v2/a/b/manifests/{DIGEST}"]


def test_a_registry_without_deletion_is_no_reason_to_worry(registry: FakeRegistry, tmp_path: Path) -> None:
    registry.status = 405
    kept = f"{registry.address}/a/b@{DIGEST} stays in its registry: {registry.address} does not allow images"
    assert _delete(registry, tmp_path).logs == [("debug", f"{kept} to be deleted")]


def test_basic_login_from_the_inputs_or_from_docker(registry: FakeRegistry, tmp_path: Path) -> None:
    registry.challenge = 'Basic realm="r"'
    assert _delete(registry, tmp_path, _login(registry)).logs == []
    stored = LOGIN.removeprefix("Basic ")
    (tmp_path / "config.json").write_text(f'{{"auths": {{"{registry.address}": {{"auth": "{stored}"}}}}}}')
    assert _delete(registry, tmp_path).logs == []


def test_bearer_login(registry: FakeRegistry, tmp_path: Path) -> None:
    registry.challenge = (
        f'Bearer realm="http://{registry.address}/token",service="s",scope="repository:a/b:delete"'
    )
    assert _delete(registry, tmp_path, _login(registry)).logs == []
    assert registry.asked[1] == "GET /token?service=s&scope=repository%3Aa%2Fb%3Adelete"


@pytest.mark.parametrize("scheme", ["Basic", "Bearer", "Digest"])
def test_a_refusal_is_a_warning(registry: FakeRegistry, tmp_path: Path, scheme: str) -> None:
    registry.challenge = f'{scheme} realm="http://{registry.address}/token"'
    ((severity, message),) = _delete(registry, tmp_path, _login(registry, "wrong")).logs
    assert severity == "warning"
    assert message.endswith(f"stays in its registry: {registry.address} answered 401 Unauthorized")


def test_a_registry_that_is_away_is_a_warning(tmp_path: Path) -> None:
    ((severity, message),) = _delete(FakeRegistry(address="127.0.0.1:9"), tmp_path).logs
    assert severity == "warning"
    assert "127.0.0.1:9 cannot be reached" in message
