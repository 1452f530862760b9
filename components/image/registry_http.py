"""HTTP to a registry: every status is an answer, and a registry that is away for a moment is tried again."""

import ssl
import time
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from pathlib import Path
from typing import Any, cast
from urllib.error import URLError
from urllib.request import HTTPErrorProcessor, HTTPSHandler, Request, build_opener

_CALL_SECONDS = 10
_ATTEMPTS = 3
_RETRY_SECONDS = 1
_AUTHORITIES = ("/etc/docker/certs.d", "~/.docker/certs.d", "~/.config/docker/certs.d")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back for a request."""

    status: int
    """HTTP status."""
    reason: str
    """Its words."""
    headers: Message
    """Headers by name, in any case."""
    body: bytes
    """Content."""


class _AnyStatus(HTTPErrorProcessor):
    """Returns every answer and follows no redirect, so that no login goes to another host."""

    def http_response(self, request: Request, response: Any) -> Any:  # noqa: ARG002
        return response

    https_response = http_response


class Http:
    """Requests to one registry, by its host in image references, and to its token server."""

    def __init__(self, host: str) -> None:
        self._opener = build_opener(HTTPSHandler(context=_trust(host)), _AnyStatus)

    def send(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None = None,
        attempts: int = _ATTEMPTS,
    ) -> Answer:
        """The answer to a request. Raises URLError."""
        request = Request(url, body, headers, method=method)  # noqa: S310 - http(s) only
        try:
            with self._opener.open(request, timeout=_CALL_SECONDS) as got:
                read = got.read()
                answer = Answer(status=got.status, reason=got.reason, headers=got.headers, body=read)
        except (OSError, HTTPException) as error:
            reason = error.reason if isinstance(error, URLError) else error
            if attempts == 1 or isinstance(reason, ssl.SSLError):
                raise URLError(cast(OSError, reason)) from None
        else:
            if answer.status < 500 or attempts == 1:
                return answer
        time.sleep(_RETRY_SECONDS)
        return self.send(method, url, headers, body, attempts - 1)


def unreachable(what: str, reason: object) -> str:
    """Why there is no answer, with the remedy if one is known."""
    said = f"{what} cannot be reached: {reason}"
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"{said}; have SSL_CERT_FILE name a file with its authority"
    return said


def speaks_no_tls(reason: object) -> bool:
    """Whether the server does not speak TLS."""
    return isinstance(reason, ssl.SSLError) and not isinstance(reason, ssl.SSLCertVerificationError)


def _trust(host: str) -> ssl.SSLContext:
    """Trusts the machine's authorities, those of SSL_CERT_FILE, and those given to Docker for a host."""
    context = ssl.create_default_context()
    for directory in _AUTHORITIES:
        for file in sorted(Path(directory).expanduser().joinpath(host or "docker.io").glob("*.crt")):
            context.load_verify_locations(file)
    return context
