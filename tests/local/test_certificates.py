"""The registry's certificate: in force, replaced when it is not, and trusted by whoever reads the bundle."""

import shutil
import ssl
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from local import buildkit, certificates, registry
from local.images import Image
from local.paths import Paths


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "machine.crt"))
    (tmp_path / "machine.crt").write_text("the machine's own\n")
    return Paths(cache=tmp_path / "cache", state=tmp_path / "state")


def handshake(paths: Paths, name: str) -> None:
    """What a client that trusts the authority alone makes of the registry's certificate."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(paths.tls / "registry.crt", paths.tls / "registry.key")
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    trust = ssl.create_default_context(cafile=str(paths.authority))
    asking = trust.wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(4):
        for side in (asking, answering):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    asking.getpeercert()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "registry"])
def test_a_client_that_trusts_the_authority_trusts_the_registry(paths: Paths, name: str) -> None:
    certificates.ensure(paths)
    handshake(paths, name)


def test_the_authority_can_issue_nothing_more(paths: Paths) -> None:
    certificates.ensure(paths)
    assert {file.name for file in paths.tls.iterdir()} == {
        "ca.crt",
        "registry.crt",
        "registry.key",
        "bundle.crt",
    }
    assert (paths.tls / "registry.key").stat().st_mode & 0o077 == 0


def test_a_good_certificate_stays(paths: Paths) -> None:
    assert not certificates.done(paths)
    certificates.ensure(paths)
    before = paths.authority.read_text()
    assert certificates.done(paths)
    certificates.ensure(paths)
    assert paths.authority.read_text() == before


def foreign(paths: Paths) -> None:
    trustme.CA().cert_pem.write_to_path(str(paths.authority))


def expired(paths: Paths) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", not_after=datetime.now(UTC) - timedelta(days=1))
    authority.cert_pem.write_to_path(str(paths.authority))
    issued.cert_chain_pems[0].write_to_path(str(paths.tls / "registry.crt"))
    issued.private_key_pem.write_to_path(str(paths.tls / "registry.key"))


def with_another_key(paths: Paths) -> None:
    trustme.CA().issue_cert("127.0.0.1").private_key_pem.write_to_path(str(paths.tls / "registry.key"))


def garbled(paths: Paths) -> None:
    (paths.tls / "registry.crt").write_text("half a")


def removed(paths: Paths) -> None:
    shutil.rmtree(paths.tls)


@pytest.mark.parametrize("broken", [foreign, expired, with_another_key, garbled, removed])
def test_a_bad_certificate_is_replaced(paths: Paths, broken: object) -> None:
    certificates.ensure(paths)
    assert callable(broken)
    broken(paths)
    assert not certificates.done(paths)
    certificates.ensure(paths)
    assert certificates.done(paths)
    handshake(paths, "127.0.0.1")


def test_the_bundle_has_the_machines_authorities_too(paths: Paths, tmp_path: Path) -> None:
    certificates.ensure(paths)
    assert paths.bundle.read_text() == "the machine's own\n" + paths.authority.read_text()
    (tmp_path / "machine.crt").write_text("another\n")
    assert not certificates.done(paths)


def test_a_new_authority_makes_registry_and_buildkit_start_anew(paths: Paths) -> None:
    built = Image(tag="goservice/buildkit", dockerfile="FROM scratch\n", files={})
    certificates.ensure(paths)
    before = registry.container(paths).label, buildkit.container(built, paths).label
    foreign(paths)
    certificates.ensure(paths)
    after = registry.container(paths).label, buildkit.container(built, paths).label
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_buildkit_speaks_tls_to_the_registry_and_trusts_its_authority() -> None:
    settings = tomllib.loads(buildkit.config("/ca.crt"))
    assert settings["registry"] == {"127.0.0.1:5000": {"http": False, "ca": ["/ca.crt"]}}
