"""One way into one cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ExecPlugin:
    """A command that prints an ExecCredential.

    Attributes:
        command: The executable, looked up on PATH unless it has a slash.
        args: Its arguments.
        env: Variables added to the environment.
        api_version: Version of the client.authentication.k8s.io API it speaks.
        install_hint: What to tell a user who lacks the executable.
        cluster: Cluster information handed to the command, None unless it asks for it.
    """

    command: str
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    api_version: str = "client.authentication.k8s.io/v1"
    install_hint: str = ""
    cluster: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Connection:
    """One way into one cluster; everything but the server is optional.

    Attributes:
        server: URL of the API server.
        source: Where this was read, for messages.
        context: Name of the context, empty inside a pod.
        user: Name of the user entry, for messages.
        namespace: The context's namespace, "default" unless it names one.
        ca: PEM certificates to trust instead of the system's.
        insecure: Skip the verification of the server's certificate.
        tls_server_name: Name expected in the certificate instead of the URL's host.
        proxy: Proxy URL of this cluster.
        client_cert, client_key: PEM pair to authenticate with.
        token: Bearer token.
        token_file: File the bearer token is read from before every request.
        basic: User name and password.
        exec: Credential command.
    """

    server: str
    source: str
    context: str = ""
    user: str = ""
    namespace: str = "default"
    ca: bytes | None = None
    insecure: bool = False
    tls_server_name: str = ""
    proxy: str = ""
    client_cert: bytes | None = None
    client_key: bytes | None = None
    token: str = ""
    token_file: str = ""
    basic: tuple[str, str] | None = None
    exec: ExecPlugin | None = None
