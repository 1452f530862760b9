"""SSH connections as the command plugin's `connection` describes them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncssh

from local.plugins.base import Context, PluginError, Values
from local.plugins.inputs import fields, text

_FIRST_DELAY: Final = 0.1  # seconds between two attempts
_LONGEST_DELAY: Final = 5.0
_GROWTH: Final = 1.5
_UNLIMITED: Final = -1
_KEY_KINDS: Final = ("ssh-", "ecdsa-", "sk-")


@asynccontextmanager
async def connect(ctx: Context, connection: Values) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """Connect, through the proxy if there is one, trying again as `dialErrorLimit` allows.

    Raises `PluginError` if that does not succeed.
    """
    proxy = fields(connection, "proxy")
    tunnel = await _dial(ctx, proxy, None) if proxy else None
    try:
        client = await _dial(ctx, connection, tunnel)
        async with client:
            yield client
    finally:
        if tunnel:
            tunnel.close()


async def _dial(
    ctx: Context, host: Values, tunnel: asyncssh.SSHClientConnection | None
) -> asyncssh.SSHClientConnection:
    options = await _options(host)
    where = f"{options['username']}@{options['host']}:{options['port']}"
    limit, delay, attempt = _number(host, "dialErrorLimit", 10), _FIRST_DELAY, 0
    timeout = _number(host, "perDialTimeout", 15) or None
    while True:
        attempt += 1
        try:
            return await asyncio.wait_for(asyncssh.connect(tunnel=tunnel or (), **options), timeout)
        except asyncssh.HostKeyNotVerifiable as error:
            # Another try would meet the same key.
            raise PluginError(
                f"{where}: the server's host key is not the one in hostKey. If the machine was made anew, "
                "put its new key there (ssh-keyscan shows it); otherwise somebody may be in between"
            ) from error
        except (OSError, asyncssh.Error, TimeoutError) as error:
            reason = _reason(error, timeout)
            if ctx.cancelled.is_set():
                raise PluginError(f"{where}: interrupted while connecting ({reason})") from error
            if limit != _UNLIMITED and attempt > limit:
                raise PluginError(f"{where}: cannot connect after {attempt} attempts: {reason}") from error
        ctx.status(f"connecting to {where}, attempt {attempt} failed: {reason}")
        await asyncio.sleep(delay)
        delay = min(delay * _GROWTH, _LONGEST_DELAY)


async def _options(host: Values) -> dict[str, Any]:
    keys: list[Any] = []
    if private := text(host, "privateKey"):
        try:
            keys.append(asyncssh.import_private_key(private, text(host, "privateKeyPassword") or None))
        except (asyncssh.KeyEncryptionError, asyncssh.KeyImportError) as error:
            raise PluginError(
                f"privateKey cannot be read: {error}. If it is encrypted, privateKeyPassword must be its "
                "passphrase"
            ) from error
    keys += await _agent_keys(text(host, "agentSocketPath"))
    return {
        "host": text(host, "host"),
        "port": _number(host, "port", 22),
        "username": text(host, "user", "root"),
        "password": text(host, "password") or None,
        "client_keys": keys or None,
        "known_hosts": _known_hosts(text(host, "hostKey")),
        "agent_path": None,
        # What the user's own ~/.ssh/config says must not change a deployment.
        "config": None,
        "connect_timeout": None,
        "login_timeout": 0,
        "keepalive_interval": 15,
    }


async def _agent_keys(path: str) -> list[Any]:
    socket = path or os.environ.get("SSH_AUTH_SOCK", "")
    if not socket:
        return []
    try:
        agent = asyncssh.SSHAgentClient(socket)
        await agent.connect()
        return list(await agent.get_keys())
    except (OSError, ValueError) as error:
        if not path:
            return []  # an agent the environment still names may be long gone
        raise PluginError(f"agentSocketPath: no SSH agent answers at {path}: {error}") from error


def _known_hosts(line: str) -> Any:
    """The trusted keys; `None`, any key, where there is no `hostKey`."""
    if not line.strip():
        return None
    parts = line.split()
    # A line from known_hosts or ssh-keyscan begins with the host's name.
    start = next((i for i, part in enumerate(parts) if part.startswith(_KEY_KINDS)), 0)
    try:
        return [asyncssh.import_public_key(" ".join(parts[start:]))], [], []
    except asyncssh.KeyImportError as error:
        raise PluginError(
            f"hostKey is not a public key such as 'ssh-ed25519 AAAA…' (ssh-keyscan shows it): {error}"
        ) from error


def _number(values: Values, key: str, default: int) -> int:
    value = values.get(key)
    return int(value) if isinstance(value, int | float) else default


def _reason(error: Exception, timeout: float | None) -> str:
    if isinstance(error, asyncssh.PermissionDenied):
        return "the server refuses user, key and password"
    if isinstance(error, TimeoutError) and timeout:
        return f"no answer within {timeout:g} s"
    if isinstance(error, OSError) and error.errno:
        # asyncio's own text leaves the cause out.
        return os.strerror(error.errno) if error.errno > 0 else str(error)
    return str(error) or type(error).__name__
