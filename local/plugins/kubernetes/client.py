"""Requests to the API server, tried again through short outages."""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import (
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    SSLError,
    TimeoutError,
)

from local.plugins.base import PluginError
from local.plugins.kubernetes.connection import Connection
from local.plugins.kubernetes.credentials import Credential, Credentials
from local.plugins.kubernetes.errors import ApiError, refused, unreachable, untrusted
from local.plugins.kubernetes.transport import pool

_CONNECT_TIMEOUT = 5.0  # s
_READ_TIMEOUT = 60.0  # s, the API server's own limit for a request
_FIRST_DELAYS = (
    0.2,
    0.5,
    1.0,
)  # s, before the server has answered anything: it is down rather than restarting
_DELAYS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)  # s, once it has
_BUSY = frozenset({429, 502, 503, 504})
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')


class Cancelled(PluginError):  # noqa: N818 - it is no error
    """The user has asked to stop."""

    def __init__(self) -> None:
        super().__init__("cancelled")


@dataclass(frozen=True, kw_only=True)
class _Request:
    method: str
    path: str
    query: Mapping[str, str]
    body: bytes | None = None
    content_type: str = ""


@dataclass(frozen=True, kw_only=True)
class Response:
    """An answer: its JSON body, and the warnings the API server sent along."""

    body: dict[str, Any]
    warnings: Sequence[str] = ()


class Client:
    """A connection pool to one API server; may be used by many threads.

    Args:
        connection: Where and as whom.
        user_agent: Name shown in the API server's audit log.
        cancelled: Set when the user asks to stop: nothing is tried again then.
    """

    def __init__(self, connection: Connection, *, user_agent: str, cancelled: threading.Event) -> None:
        self.connection = connection
        self._user_agent = user_agent
        self._cancelled = cancelled
        self._credentials = Credentials(connection)
        self._lock = threading.Lock()
        self._pool: tuple[Credential, urllib3.PoolManager] | None = None
        self._answered = False

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> Response:
        """Sends a request that may safely be repeated and returns the JSON answer.

        Raises:
            ApiError: The server refuses.
            PluginError: The server cannot be reached or trusted, refuses the credentials, or the user stops.
        """
        data = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        answer = self._send(
            _Request(method=method, path=path, query=query or {}, body=data, content_type=content_type)
        )
        warnings = _WARNING.findall(answer.headers.get("Warning", ""))
        return Response(
            body=json.loads(answer.data), warnings=tuple(text.replace('\\"', '"') for text in warnings)
        )

    def text(self, path: str, *, query: Mapping[str, str]) -> str:
        """Reads something that is not JSON, such as a container's log."""
        return self._send(_Request(method="GET", path=path, query=query)).data.decode(errors="replace")

    def _send(self, request: _Request) -> urllib3.BaseHTTPResponse:
        attempt, renewed = 0, False
        while True:
            credential = self._credentials.current()
            try:
                answer = self._once(credential, request)
            except (HTTPError, OSError) as error:
                failure = self._failure(error)
                wait = 0.0
            else:
                self._answered = True
                if answer.status < 400:
                    return answer
                failure = _api_error(answer, request)
                if answer.status == 401:
                    self._credentials.refused(credential)
                    if self._credentials.renewable and not renewed:
                        renewed = True
                        continue
                    raise refused(self.connection)
                if not _passing(failure):
                    raise failure
                wait = _retry_after(answer)
            delays = _DELAYS if self._answered else _FIRST_DELAYS
            if attempt >= len(delays) or _hopeless(failure):
                raise failure
            if self._cancelled.wait(max(delays[attempt], wait)):
                raise Cancelled
            attempt += 1

    def _once(self, credential: Credential, request: _Request) -> urllib3.BaseHTTPResponse:
        headers = {"User-Agent": self._user_agent, "Accept": "application/json, */*"}
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        if credential.header:
            headers["Authorization"] = credential.header
        query = f"?{urlencode(request.query)}" if request.query else ""
        return self._pool_for(credential).request(
            request.method,
            self.connection.server + request.path + query,
            body=request.body,
            headers=headers,
            timeout=urllib3.Timeout(connect=_CONNECT_TIMEOUT, read=_READ_TIMEOUT),
            retries=False,
            redirect=False,
        )

    def _pool_for(self, credential: Credential) -> urllib3.PoolManager:
        with self._lock:
            if self._pool is None or (self._pool[0].cert, self._pool[0].key) != (
                credential.cert,
                credential.key,
            ):
                self._pool = credential, pool(self.connection, credential)
            return self._pool[1]

    def _failure(self, error: Exception) -> PluginError:
        cause: BaseException = error.reason if isinstance(error, MaxRetryError) and error.reason else error
        if isinstance(cause, SSLError | ssl.SSLError):
            return untrusted(self.connection, _sentence(cause))
        if isinstance(cause, NewConnectionError | ProtocolError | TimeoutError | OSError):
            return unreachable(self.connection, _sentence(cause))
        return unreachable(self.connection, str(cause))


def _hopeless(failure: Exception) -> bool:
    return isinstance(failure, PluginError) and "not trusted" in str(failure)


def _passing(error: ApiError) -> bool:
    if error.status in _BUSY:
        return True
    # A change of etcd's leader is answered with 500, as are schema errors, which do not pass.
    return error.status == 500 and ("etcdserver: " in error.message or error.reason == "ServerTimeout")


def _retry_after(answer: urllib3.BaseHTTPResponse) -> float:
    seconds = answer.headers.get("Retry-After", "")
    return min(float(seconds), 10.0) if seconds.isdigit() else 0.0


def _api_error(answer: urllib3.BaseHTTPResponse, request: _Request) -> ApiError:
    try:
        body = json.loads(answer.data)
    except ValueError:
        body = {
            "message": answer.data.decode(errors="replace").strip()[:500] or f"HTTP status {answer.status}"
        }
    return ApiError(
        answer.status, body if isinstance(body, dict) else {}, method=request.method, path=request.path
    )


def _sentence(error: BaseException) -> str:
    """The innermost reason, without the wrapping that names Python objects."""
    inner = [arg for arg in (*error.args, error.__cause__) if isinstance(arg, OSError | SSLError)]
    if inner:
        return _sentence(inner[-1])
    if isinstance(error, ssl.SSLError):
        return re.sub(r"^\[.*?\] | \(_ssl.*\)$", "", str(error.strerror or error))
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if isinstance(error, TimeoutError):
        return "it gave no answer in time"
    return str(error).rpartition(": ")[2] or type(error).__name__
