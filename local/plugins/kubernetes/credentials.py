"""What proves who we are: tokens, token files and credential commands."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from local.plugins.base import PluginError
from local.plugins.kubernetes.connection import Connection, ExecPlugin

_COMMAND_TIMEOUT = 60.0  # s; a browser login takes longer than any cloud's token command


@dataclass(frozen=True, kw_only=True)
class Credential:
    """What goes with a request.

    Attributes:
        header: Value of the Authorization header, empty for none.
        cert, key: PEM pair for TLS, None for none.
        expires: When the credential stops working, None for unknown.
    """

    header: str = ""
    cert: bytes | None = None
    key: bytes | None = None
    expires: datetime | None = None


class Credentials:
    """Credentials of one connection, renewed when they expire or are refused."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._issued: Credential | None = None

    @property
    def renewable(self) -> bool:
        """Whether asking again can give other credentials."""
        return self._connection.exec is not None

    def current(self) -> Credential:
        """The credential for the next request.

        Raises:
            PluginError: A credential command or token file does not give one.
        """
        connection = self._connection
        if connection.exec is not None:
            with self._lock:
                if self._issued is None or _about_to_expire(self._issued):
                    self._issued = run(connection.exec, source=connection.source)
                return self._issued
        return Credential(header=_header(connection), cert=connection.client_cert, key=connection.client_key)

    def refused(self, credential: Credential) -> None:
        """Forgets a credential the server did not accept."""
        with self._lock:
            if self._issued is credential:
                self._issued = None


def _about_to_expire(credential: Credential) -> bool:
    return credential.expires is not None and datetime.now(UTC) > credential.expires - timedelta(seconds=10)


def _header(connection: Connection) -> str:
    if connection.token_file:
        try:
            token = Path(connection.token_file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise PluginError(
                f"{connection.source}: the token file {connection.token_file} cannot be read "
                f"({error.strerror}); sign in again"
            ) from error
        return f"Bearer {token}"
    if connection.token:
        return f"Bearer {connection.token}"
    if connection.basic is not None:
        return "Basic " + base64.b64encode(":".join(connection.basic).encode()).decode()
    return ""


def run(plugin: ExecPlugin, *, source: str) -> Credential:
    """Runs a credential command.

    Args:
        plugin: The command.
        source: The kubeconfig it comes from, for messages.

    Raises:
        PluginError: It is missing, fails, takes longer than a minute, or prints no credential.
    """
    info: dict[str, Any] = {
        "apiVersion": plugin.api_version,
        "kind": "ExecCredential",
        "spec": {"interactive": False},
    }
    if plugin.cluster is not None:
        info["spec"]["cluster"] = plugin.cluster
    environment = {**os.environ, **plugin.env, "KUBERNETES_EXEC_INFO": json.dumps(info)}
    try:
        done = subprocess.run(
            [plugin.command, *plugin.args],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_COMMAND_TIMEOUT,
            check=False,
        )
    except FileNotFoundError as error:
        hint = plugin.install_hint or "install it or put it on PATH"
        raise PluginError(
            f"{source}: the credential command {plugin.command!r} is not installed; {hint}"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise PluginError(
            f"{source}: the credential command {plugin.command!r} gave no answer in "
            f"{_COMMAND_TIMEOUT:.0f} s; run it by hand to see what it waits for"
        ) from error
    except OSError as error:
        raise PluginError(
            f"{source}: the credential command {plugin.command!r} cannot run: {error.strerror}"
        ) from error
    if done.returncode:
        said = " ".join(done.stderr.split()[-60:]) or "it printed no reason"
        raise PluginError(
            f"{source}: the credential command {plugin.command!r} ended with exit code {done.returncode} "
            f"({said}); sign in again and retry"
        )
    return _issued(done.stdout, plugin, source)


def _issued(text: str, plugin: ExecPlugin, source: str) -> Credential:
    try:
        status = json.loads(text)["status"]
        token, cert, key = (
            status.get("token"),
            status.get("clientCertificateData"),
            status.get("clientKeyData"),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        token = cert = key = status = None
    if status is None or not (token or (cert and key)):
        raise PluginError(
            f"{source}: the credential command {plugin.command!r} printed no ExecCredential with a token or "
            "a client certificate; check its arguments"
        )
    expires = status.get("expirationTimestamp")
    return Credential(
        header=f"Bearer {token}" if token else "",
        cert=cert.encode() if cert else None,
        key=key.encode() if key else None,
        expires=datetime.fromisoformat(expires) if expires else None,
    )
