"""What Prometheus wants to see: headers, a user with a password, or a token."""

import base64
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...shared import when

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[\t -~]*")
_AUTHORIZATION = "Authorization"
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"

Rule = tuple[str, str | None, *tuple[str, ...]]
"""Field, what is wrong with it or None, and other fields that this depends on."""


def header_value(value: str) -> str | None:
    """Check of a value that is sent in a header; does not repeat it. It also keeps out further headers."""
    wanted = "use printable ASCII, without a line break at its end"
    return when(not _VALUE.fullmatch(value), f"has characters that a header cannot have; {wanted}")


def username(value: str) -> str | None:
    """Check of a user. Basic authentication ends it at the first colon."""
    broken = ":" in value or not value.isprintable()
    return when(broken, f'"{value}" is not a user name; leave out colons and control characters')


def authorities(path: str) -> str | None:
    """Check of a file with certificates."""
    if Path(path).is_absolute():
        return f'"{path}" is absolute, and would differ between machines; make it relative to the program'
    if not Path(path).is_file():
        return f'"{path}" is not a file; name one with the certificates of the authorities to trust, PEM'
    found = _CERTIFICATE in Path(path).read_bytes()
    return when(not found, f'"{path}" has no certificate in PEM; it begins with {_CERTIFICATE.decode()}')


def header_rules(headers: Mapping[str, Any]) -> Iterator[Rule]:
    """Rules of each header by itself. Values that are not known yet pass."""
    for name, value in headers.items():
        field = f"prometheus_headers.{name}"
        broken = not _NAME.fullmatch(name)
        yield field, when(broken, "is not the name of a header; use letters, digits and hyphens")
        yield field, header_value(value) if isinstance(value, str) else None


def login_rules(headers: Mapping[str, Any], user: str, password: Any, token: Any) -> Iterator[Rule]:
    """Rules between the ways to log in, of which there is one at most."""
    pair = ("prometheus_username", "prometheus_password")
    no_password = "is set without a password; set canary.prometheusPassword"  # noqa: S105 a message
    no_user = "is set without a username; set canary.prometheusUsername"
    yield pair[0], when(bool(user) and not password, no_password), pair[1]
    yield pair[1], when(bool(password) and not user, no_user), pair[0]
    both = "is set beside canary.prometheusUsername; keep one of the two"
    yield "prometheus_token", when(bool(token and (user or password)), both), *pair
    for name in headers:
        is_login = name.lower() == _AUTHORIZATION.lower() and bool(user or password or token)
        reason = "is set beside canary.prometheusUsername or canary.prometheusToken; keep one of them"
        yield f"prometheus_headers.{name}", when(is_login, reason), *pair, "prometheus_token"


def authorization(user: str, password: str, token: str) -> dict[str, str]:
    """The header that logs in; none without a login."""
    if token:
        return {_AUTHORIZATION: f"Bearer {token}"}
    if user:
        return {_AUTHORIZATION: f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}
    return {}
