"""A look at a Dockerfile before it is built: is every instruction one that exists, and is there a FROM?"""

from __future__ import annotations

import re
from typing import Final

_INSTRUCTIONS: Final = frozenset(
    [
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
        "ONBUILD",
        "RUN",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    ]
)
_HEREDOC_USERS: Final = frozenset({"RUN", "COPY", "ADD"})
_HEREDOC: Final = re.compile(r"<<-?(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\1")
_DIRECTIVE: Final = re.compile(r"#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(\S+)\s*")


def dockerfile_problem(text: str) -> str:  # noqa: PLR0911 - one per kind of problem
    """What is wrong with a Dockerfile, and where; empty if it reads well. The builder has the last word."""
    if re.search(r"^#\s*syntax\s*=", text, re.IGNORECASE | re.MULTILINE):
        # Another frontend may know other instructions.
        return ""
    seen_from = seen_any = False
    for number, instruction in _instructions(text):
        word, _, rest = instruction.partition(" ")
        name = word.upper()
        seen_any = True
        if name not in _INSTRUCTIONS:
            return f"line {number}: unknown instruction: {word}"
        if name == "FROM":
            seen_from = True
            arguments = [part for part in rest.split() if not part.startswith("--")]
            if len(arguments) not in {1, 3} or (len(arguments) == 3 and arguments[1].upper() != "AS"):
                return f"line {number}: FROM takes an image, or an image AS a name: {instruction}"
        elif not seen_from and name != "ARG":
            return f"line {number}: only ARG may come before the first FROM, not {name}"
        if not rest.strip():
            return f"line {number}: {name} requires at least one argument"
    if not seen_any:
        return "it is empty"
    return "" if seen_from else "it has no FROM"


def _instructions(text: str) -> list[tuple[int, str]]:
    """Every instruction with its first line's number, continuations joined and heredocs left out."""
    escape = _escape(text)
    found: list[tuple[int, str]] = []
    lines = text.splitlines()
    index = 0
    while index < len(lines):
        line, start = lines[index].strip(), index + 1
        index += 1
        if not line or line.startswith("#"):
            continue
        while line.endswith(escape) and index < len(lines):
            following = lines[index].strip()
            index += 1
            # Comments and empty lines inside a continuation do not end it.
            if following and not following.startswith("#"):
                line = f"{line[:-1].rstrip()} {following}"
        found.append((start, re.sub(r"\s+", " ", line, count=1)))
        if line.split(None, 1)[0].upper() in _HEREDOC_USERS:
            for match in _HEREDOC.finditer(line):
                while index < len(lines) and lines[index].strip() != match.group(2):
                    index += 1
                index += 1
    return found


def _escape(text: str) -> str:
    for line in text.splitlines():
        directive = _DIRECTIVE.fullmatch(line.strip())
        if directive is None:
            break
        if directive.group(1).lower() == "escape":
            return directive.group(2)
    return "\\"
