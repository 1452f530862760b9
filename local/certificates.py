"""The registry's certificate, its authority, and the CA bundle with which programs trust it.

The authority's key is not stored, so no other certificate can be issued that this environment trusts.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from local.paths import Paths
from local.record import write

# The registry's names: published on this machine, and on the network of the node.
NAMES = ("127.0.0.1", "localhost", "registry")
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


def ensure(paths: Paths) -> None:
    """Writes the bundle, and a new authority and certificate unless they are valid."""
    if not is_valid(paths):
        authority = trustme.CA(organization_name="goservice", organization_unit_name="embedded default")
        issued = authority.issue_cert(*NAMES)
        write(paths.authority, authority.cert_pem.bytes().decode())
        write(paths.tls / "registry.key", issued.private_key_pem.bytes().decode(), mode=0o600)
        write(paths.tls / "registry.crt", "".join(pem.bytes().decode() for pem in issued.cert_chain_pems))
    write(paths.bundle, _bundle(paths, os.environ))


def done(paths: Paths) -> bool:
    """Whether certificate and bundle are up to date."""
    return (
        is_valid(paths) and paths.bundle.exists() and paths.bundle.read_text() == _bundle(paths, os.environ)
    )


def is_valid(paths: Paths) -> bool:
    """Whether the registry's certificate is in its validity period, from the authority, and has its key."""
    try:
        authority = x509.load_pem_x509_certificate(paths.authority.read_bytes())
        certificate = x509.load_pem_x509_certificate((paths.tls / "registry.crt").read_bytes())
        key = load_pem_private_key((paths.tls / "registry.key").read_bytes(), password=None)
        certificate.verify_directly_issued_by(authority)
    except (FileNotFoundError, ValueError, TypeError, InvalidSignature):
        return False
    now = datetime.now(UTC)
    both = (authority, certificate)
    in_force = all(one.not_valid_before_utc <= now < one.not_valid_after_utc for one in both)
    return in_force and certificate.public_key() == key.public_key()


def user_bundle(env: Mapping[str, str]) -> Path:
    """File with the authorities that this machine trusts."""
    return Path(env.get("SSL_CERT_FILE") or BUNDLE)


def _bundle(paths: Paths, env: Mapping[str, str]) -> str:
    theirs = user_bundle(env)
    return (theirs.read_text() if theirs.exists() else "") + paths.authority.read_text()
