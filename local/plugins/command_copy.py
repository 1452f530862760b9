"""Copies a file, a folder or a text to another machine, over SFTP."""

from __future__ import annotations

import asyncio
import posixpath
from pathlib import Path

import asyncssh

from local.plugins.base import Asset, Context, PluginError, Values, unwrap
from local.plugins.command_ssh import connect
from local.plugins.inputs import fields, text


def copy_to_remote(ctx: Context, inputs: Values) -> None:
    """Copy `source` to `remotePath`. Only the last part of that path may be missing on the machine.

    A folder named with a trailing slash has its content copied, else the folder itself. Raises `PluginError`
    if anything cannot be read or written.
    """
    try:
        asyncio.run(_copy(ctx, inputs))
    except asyncssh.SFTPError as error:
        raise PluginError(f"remotePath {text(inputs, 'remotePath')!r}: {error.reason}") from error
    except OSError as error:
        raise PluginError(f"source: {error}") from error


async def _copy(ctx: Context, inputs: Values) -> None:
    source, target = unwrap(inputs["source"]), text(inputs, "remotePath")
    async with connect(ctx, fields(inputs, "connection")) as client, client.start_sftp_client() as sftp:
        if isinstance(source, Asset) and source.path is None:
            if await sftp.isdir(target):
                raise PluginError(f"remotePath {target!r} is a folder: a text needs the path of a file")
            await _write(sftp, (source.text or "").encode(), target)
            return
        path = getattr(source, "path", None) or ""
        if Path(path).is_dir():
            await _copy_folder(ctx, sftp, path, target)
        else:
            if await sftp.isdir(target):
                target = posixpath.join(target, Path(path).name)
            await _copy_file(ctx, sftp, Path(path), target)


async def _copy_folder(ctx: Context, sftp: asyncssh.SFTPClient, path: str, target: str) -> None:
    await _make_folder(sftp, target)
    if not path.endswith("/"):
        target = posixpath.join(target, Path(path).name)
        await _make_folder(sftp, target)
    for entry in sorted(Path(path).rglob("*")):
        below = posixpath.join(target, entry.relative_to(path).as_posix())
        if entry.is_dir():
            await _make_folder(sftp, below)
        else:
            await _copy_file(ctx, sftp, entry, below)


async def _make_folder(sftp: asyncssh.SFTPClient, path: str) -> None:
    if await sftp.isdir(path):
        return
    if await sftp.exists(path):
        raise PluginError(f"{path} exists on the machine, and is not a folder")
    await sftp.mkdir(path)


async def _copy_file(ctx: Context, sftp: asyncssh.SFTPClient, file: Path, target: str) -> None:
    ctx.status(f"copying {file} to {target}")
    await _write(sftp, await asyncio.to_thread(file.read_bytes), target)


async def _write(sftp: asyncssh.SFTPClient, content: bytes, target: str) -> None:
    async with sftp.open(target, "wb") as remote:
        await remote.write(content)
