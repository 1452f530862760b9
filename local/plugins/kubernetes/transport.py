"""Connection pools to an API server: certificates and proxies."""

from __future__ import annotations

import ssl
import tempfile
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3

from local.plugins.base import PluginError
from local.plugins.kubernetes.connection import Connection
from local.plugins.kubernetes.credentials import Credential


def pool(connection: Connection, credential: Credential) -> urllib3.PoolManager:
    """Opens a pool for one connection and credential; nothing is sent yet.

    Raises:
        PluginError: A certificate or key cannot be used.
    """
    options: dict[str, Any] = {"maxsize": 16}
    if connection.server.startswith("https:"):
        options["ssl_context"] = _tls(connection, credential)
        if connection.tls_server_name:
            options |= {
                "server_hostname": connection.tls_server_name,
                "assert_hostname": connection.tls_server_name,
            }
        if connection.insecure:
            urllib3.disable_warnings()
    proxy = connection.proxy or _environment_proxy(connection.server)
    return urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)


def _environment_proxy(server: str) -> str:
    parts = urlsplit(server)
    if (
        not parts.hostname
        or parts.hostname in {"localhost", "127.0.0.1", "::1"}
        or proxy_bypass(parts.hostname)
    ):
        return ""
    return getproxies().get(parts.scheme, "")


def _tls(connection: Connection, credential: Credential) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=connection.ca.decode() if connection.ca else None)
        if connection.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if credential.cert and credential.key:
            # OpenSSL reads key pairs from files only; this one is private and gone at once.
            with tempfile.NamedTemporaryFile(prefix="kube-", suffix=".pem") as pair:
                pair.write(credential.cert + b"\n" + credential.key)
                pair.flush()
                context.load_cert_chain(pair.name)
    except (ssl.SSLError, ValueError) as error:
        raise PluginError(
            f"{connection.source}: the certificates of context {connection.context!r} cannot be used "
            f"({error}); write the kubeconfig anew"
        ) from error
    return context
