"""The hash of a build context: it changes when, and only when, what is built from may have changed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from local.plugins.base import PluginError
from local.plugins.docker_ignore import Rule, is_ignored, may_keep_below, parse_ignore

_CHUNK: Final = 1 << 20  # bytes


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...


def is_remote(location: str) -> bool:
    """Tell whether a context or a Dockerfile is fetched by the builder rather than read from disk."""
    return location.startswith(("http://", "https://", "git://", "git@", "github.com/", "docker-image://"))


def context_hash(
    context: str, *, dockerfile: str = "", inline: str = "", named: Mapping[str, str] | None = None
) -> str:
    """SHA-256 over the Dockerfile and every file not ignored: path, kind, executable bit, content.

    Times, owners and other mode bits do not count: they differ between checkouts and umasks. What is
    remote counts by its address alone. Raises `PluginError` on a file that cannot be read.
    """
    digest = hashlib.sha256()
    if dockerfile and not is_remote(dockerfile):
        _add(digest, "dockerfile", _read(Path(dockerfile)))
    elif inline:
        _add(digest, "dockerfile", inline.encode())
    _add_tree(digest, "", context, _ignore_file(context, dockerfile))
    for name, location in sorted((named or {}).items()):
        _add_tree(digest, f"{name}:", location, _ignore_file(location, ""))
    return digest.hexdigest()


def _ignore_file(context: str, dockerfile: str) -> list[Rule]:
    # The Dockerfile's own ignore file takes precedence over that of the context.
    for file in [f"{dockerfile}.dockerignore" if dockerfile else "", str(Path(context, ".dockerignore"))]:
        if file and Path(file).is_file():
            try:
                return parse_ignore(_read(Path(file)).decode())
            except ValueError as error:
                raise PluginError(f"{file}: {error}") from error
    return []


def _add_tree(digest: _Hash, prefix: str, location: str, rules: Sequence[Rule]) -> None:
    root = Path(location)
    if is_remote(location) or not root.is_dir():
        _add(digest, f"{prefix}@", location.encode())
        return
    for path, info in _files(root, "", rules):
        if stat.S_ISLNK(info.st_mode):
            _add(digest, f"{prefix}{path}:link", os.fsencode((root / path).readlink()))
        elif stat.S_ISREG(info.st_mode):
            _add_file(digest, f"{prefix}{path}:{'x' if info.st_mode & stat.S_IXUSR else '-'}", root / path)


def _files(root: Path, below: str, rules: Sequence[Rule]) -> Iterator[tuple[str, os.stat_result]]:
    try:
        entries = sorted(os.scandir(root / below), key=lambda entry: entry.name)
    except OSError as error:
        raise PluginError(f"the build context cannot be read: {error}") from error
    for entry in entries:
        path = f"{below}/{entry.name}" if below else entry.name
        ignored = is_ignored(path, rules)
        if entry.is_dir(follow_symlinks=False):
            if not ignored or may_keep_below(rules):
                yield from _files(root, path, rules)
        elif not ignored:
            yield path, entry.stat(follow_symlinks=False)


def _add(digest: _Hash, name: str, content: bytes) -> None:
    # Lengths keep one file's end from passing for another's beginning.
    digest.update(f"{len(os.fsencode(name))}:{len(content)}:".encode() + os.fsencode(name))
    digest.update(content)


def _add_file(digest: _Hash, name: str, file: Path) -> None:
    try:
        with file.open("rb") as stream:
            _add(digest, name, str(os.fstat(stream.fileno()).st_size).encode())
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise PluginError(
            f"the build context cannot be read: {error}. Leave it out in .dockerignore"
        ) from error


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise PluginError(f"{file} cannot be read: {error.strerror}") from error
