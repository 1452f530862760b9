"""Kubeconfig files and contents, read and merged."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.plugins.base import PluginError


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A named entry and the directory its relative paths start from."""

    body: Mapping[str, Any]
    directory: Path
    source: str

    def text(self, key: str) -> str:
        value = self.body.get(key)
        return "" if value is None else str(value)

    def pem(self, key: str) -> bytes | None:
        """The bytes under `<key>-data` (base64) or in the file named by `key`."""
        if data := self.text(f"{key}-data"):
            try:
                return base64.b64decode(data, validate=False)
            except (binascii.Error, ValueError) as error:
                raise PluginError(
                    f"{self.source}: {key}-data is not base64 ({error}); write the kubeconfig anew"
                ) from error
        if name := self.text(key):
            path = self.directory / name
            try:
                return path.read_bytes()
            except OSError as error:
                raise PluginError(
                    f"{self.source}: {key} {path} cannot be read ({error.strerror}); "
                    "write the kubeconfig anew"
                ) from error
        return None


@dataclass(frozen=True, kw_only=True)
class Kubeconfig:
    """Merged kubeconfig files: the first one to name an entry wins."""

    source: str
    current: str
    clusters: Mapping[str, Entry]
    users: Mapping[str, Entry]
    contexts: Mapping[str, Entry]


def read(kubeconfig: str, environ: Mapping[str, str]) -> Kubeconfig | None:
    """Reads a path or contents, else KUBECONFIG, else ~/.kube/config; None when there is nothing.

    Raises:
        PluginError: What is given is not there or not a kubeconfig.
    """
    if kubeconfig.strip():
        path = Path(kubeconfig.strip()).expanduser() if "\n" not in kubeconfig.strip() else None
        if path is not None and path.is_file():
            return _merge([path])
        if path is not None and not kubeconfig.lstrip().startswith("{"):
            raise PluginError(
                f"kubernetes:kubeconfig: there is no file {path}; give a kubeconfig's path or its contents"
            )
        return _combine([(kubeconfig, Path.cwd(), "kubernetes:kubeconfig")])
    if listed := environ.get("KUBECONFIG", ""):
        paths = [Path(name).expanduser() for name in listed.split(os.pathsep) if name]
        if not any(path.is_file() for path in paths):
            raise PluginError(
                f"KUBECONFIG={listed}: there is no such file; set it to a kubeconfig that is there"
            )
        return _merge([path for path in paths if path.is_file()])
    default = Path(environ.get("HOME", "~")).expanduser() / ".kube" / "config"
    return _merge([default]) if default.is_file() else None


def _merge(paths: list[Path]) -> Kubeconfig:
    texts: list[tuple[str, Path, str]] = []
    for path in paths:
        try:
            texts.append((path.read_text(encoding="utf-8"), path.parent, str(path)))
        except (OSError, UnicodeDecodeError) as error:
            raise PluginError(f"{path} cannot be read as a kubeconfig: {error}") from error
    return _combine(texts)


def _combine(texts: list[tuple[str, Path, str]]) -> Kubeconfig:
    current = ""
    named: dict[str, dict[str, Entry]] = {"cluster": {}, "user": {}, "context": {}}
    for text, directory, source in texts:
        document = _parse(text, source)
        current = current or str(document.get("current-context") or "")
        for kind, entries in named.items():
            for item in document.get(f"{kind}s") or []:
                if isinstance(item, dict) and isinstance(item.get(kind), dict):
                    entries.setdefault(
                        str(item.get("name")), Entry(body=item[kind], directory=directory, source=source)
                    )
    source = ", ".join(source for _, _, source in texts)
    return Kubeconfig(
        source=source,
        current=current,
        clusters=named["cluster"],
        users=named["user"],
        contexts=named["context"],
    )


def _parse(text: str, source: str) -> Mapping[str, Any]:
    try:
        # The C loader is ten times as fast, and not in every build of PyYAML.
        document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except yaml.YAMLError as error:
        raise PluginError(f"{source} is not a kubeconfig: {' '.join(str(error).split())}") from error
    if not isinstance(document, dict):
        raise PluginError(f"{source} is not a kubeconfig: it holds no clusters, users and contexts")
    return document
