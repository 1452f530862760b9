"""An HTTP server on this machine that answers as it is told."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qs

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""


class Asked(NamedTuple):
    """A request as the server got it."""

    method: str
    path: str
    form: dict[str, list[str]]
    headers: Message


@contextmanager
def served(
    respond: Callable[[Asked], Answer], tls: ssl.SSLContext | None = None
) -> Iterator[tuple[str, list[Asked]]]:
    """A server for the length of a block. Yields its URL and what it was asked."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            asked.append(Asked(self.command, self.path, parse_qs(body), self.headers))
            status, headers, data = respond(asked[-1])
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(data))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST  # noqa: N815 their name

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(HTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that hangs up is what some tests want."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()
