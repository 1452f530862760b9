"""`.dockerignore`: its patterns, and which paths they leave out of a build context."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from posixpath import normpath


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One pattern; `keeps` for one that begins with `!`."""

    keeps: bool
    pattern: re.Pattern[str]


def parse_ignore(text: str) -> list[Rule]:
    """Parse the file's text. Raises `ValueError` on a pattern that cannot be understood."""
    rules: list[Rule] = []
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines()):
        line = raw.strip()
        # A comment begins in the first column only.
        if not line or raw.startswith("#"):
            continue
        keeps = line.startswith("!")
        body = line[1:].strip() if keeps else line
        if not body:
            raise ValueError(f"line {number + 1}: '!' without a pattern")
        path = normpath(body).lstrip("/")
        if path and path != ".":
            rules.append(Rule(keeps=keeps, pattern=_compile(path, number + 1)))
    return rules


def is_ignored(path: str, rules: Sequence[Rule]) -> bool:
    """Tell whether a relative path is left out. The last rule that matches it or a parent decides."""
    parts = path.split("/")
    names = ["/".join(parts[: end + 1]) for end in range(len(parts))]
    ignored = False
    for rule in rules:
        if rule.keeps == ignored and any(rule.pattern.fullmatch(name) for name in names):
            ignored = not rule.keeps
    return ignored


def may_keep_below(rules: Sequence[Rule]) -> bool:
    """Tell whether something inside an ignored directory may be kept, so that it has to be walked."""
    return any(rule.keeps for rule in rules)


def _compile(pattern: str, line: int) -> re.Pattern[str]:
    out, index = "", 0
    while index < len(pattern):
        char = pattern[index]
        if pattern.startswith("**", index):
            index += 2
            if pattern.startswith("/", index):
                out, index = f"{out}(?:.*/)?", index + 1
            else:
                out += ".*"
            continue
        index += 1
        if char == "*":
            out += "[^/]*"
        elif char == "?":
            out += "[^/]"
        elif char == "[":
            end = pattern.find("]", index + 1)
            if end < 0:
                raise ValueError(f"line {line}: the pattern {pattern!r} has a [ without a ]")
            out += f"[{pattern[index:end]}]"
            index = end + 1
        elif char == "\\" and index < len(pattern):
            out, index = out + re.escape(pattern[index]), index + 1
        else:
            out += re.escape(char)
    try:
        return re.compile(out, re.DOTALL)
    except re.error as error:
        raise ValueError(f"line {line}: the pattern {pattern!r} is not valid ({error})") from error
