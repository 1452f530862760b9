"""Files a command leaves behind, picked by globs: `*`, `**`, `?`, `[a-z]`, `{a,b}`, and `!` to exclude."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.plugins.base import Archive, Asset


def find_assets(folder: Path, globs: Sequence[str]) -> dict[str, Asset]:
    """The files below the folder that the globs pick, by relative path. The last glob that matches wins.

    Raises `ValueError` on a glob that cannot be understood.
    """
    rules = [(not glob.startswith("!"), compile_glob(glob.removeprefix("!"))) for glob in globs]
    found: dict[str, Asset] = {}
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        path = file.relative_to(folder).as_posix()
        picked = False
        for includes, pattern in rules:
            if pattern.fullmatch(path):
                picked = includes
        if picked:
            found[path] = Asset(path=str(file), hash=hashlib.sha256(file.read_bytes()).hexdigest())
    return found


def archive_of(assets: Mapping[str, Asset]) -> Archive:
    """The assets as one archive, its hash made of their paths and hashes."""
    digest = hashlib.sha256()
    for path, asset in sorted(assets.items()):
        digest.update(f"{path}\0{asset.hash}\n".encode())
    return Archive(assets=assets, hash=digest.hexdigest())


def compile_glob(glob: str) -> re.Pattern[str]:
    """A glob as a regular expression; `/` is matched by `**` alone."""
    out, index, depth = "", 0, 0
    while index < len(glob):
        char = glob[index]
        index += 1
        if glob.startswith("**", index - 1):
            out, index = out + ".*", index + 1
        elif char == "\\" and index < len(glob):
            out, index = out + re.escape(glob[index]), index + 1
        elif char == "[":
            end = glob.find("]", index + 1)
            if end < 0:
                raise ValueError(f"the glob {glob!r} has a [ without a ]")
            body = glob[index:end]
            out += f"[^{body[1:]}]" if body.startswith("!") else f"[{body}]"
            index = end + 1
        elif char in "{},":
            depth += {"{": 1, "}": -1}.get(char, 0)
            inside = depth > 0 or char == "}"
            out += {"{": "(?:", "}": ")", ",": "|"}[char] if inside else re.escape(char)
        else:
            out += {"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char))
    try:
        return re.compile(out, re.DOTALL)
    except re.error as error:
        raise ValueError(f"the glob {glob!r} is not valid ({error})") from error
