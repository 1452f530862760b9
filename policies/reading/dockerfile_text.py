"""Parses Dockerfiles into stages of instructions, and expands known variables."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Variables = Mapping[str, str | None]
"""Values by name; None for unknown values."""


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One instruction, its continued lines joined."""

    name: str
    """In upper case: `RUN`."""
    rest: str
    """Arguments, without flags such as --platform."""
    flags: Mapping[str, str]
    """Values of flags by name, without dashes."""
    line: int
    """First line, counted from 1."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """FROM and the instructions up to the next FROM."""

    start: Instruction
    base: str
    """Argument of FROM, with variables not expanded."""
    name: str
    """In lower case; empty if it has none."""
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True, kw_only=True)
class Dockerfile:
    """A Dockerfile."""

    arguments: tuple[Instruction, ...]
    """ARG instructions before the first stage."""
    stages: tuple[Stage, ...]


def parse(text: str) -> Dockerfile:
    """Parses a Dockerfile; skips lines that are not instructions."""
    ahead: list[Instruction] = []
    stages: list[tuple[Instruction, list[Instruction]]] = []
    for instruction in _instructions(text):
        if instruction.name == "FROM":
            stages.append((instruction, []))
        elif stages:
            stages[-1][1].append(instruction)
        elif instruction.name == "ARG":
            ahead.append(instruction)
    return Dockerfile(arguments=tuple(ahead), stages=tuple(_stage(*stage) for stage in stages))


def pairs(instruction: Instruction) -> Iterator[tuple[str, str | None]]:
    """Names and values of ARG, ENV and LABEL, also in the old form `ENV name value`; None without a value."""
    words = _words(instruction.rest)
    if instruction.name != "ARG" and len(words) > 1 and "=" not in words[0]:
        yield words[0], instruction.rest.strip().removeprefix(words[0]).strip()
        return
    for word in words:
        name, sign, value = word.partition("=")
        yield name, value if sign else None


def expand(text: str, variables: Variables) -> str | None:
    """The text with its variables expanded; None if one is unknown."""
    unknown = False

    def value(match: re.Match[str]) -> str:
        nonlocal unknown
        name, modifier, other = match["plain"] or match["name"], match["modifier"], match["other"]
        found = variables.get(name)
        if found is None and (modifier is None or name in variables):
            unknown = True
            return ""
        if modifier and modifier.endswith("+"):
            return other if found else ""
        return found or other or ""

    expanded = _VARIABLE.sub(value, text)
    return None if unknown else expanded


_VARIABLE = re.compile(r"\$(?:(?P<plain>\w+)|\{(?P<name>\w+)(?:(?P<modifier>:?[-+])(?P<other>[^}]*))?\})")
_HEREDOC = re.compile(r"(?<!\S)\d*<<-?([\"']?)(\w+)\1(?!\S)")
_FLAG = re.compile(r"--([\w-]+)(?:=(\S+))?\s*")


def _stage(start: Instruction, instructions: list[Instruction]) -> Stage:
    words = start.rest.split()
    name = words[2].lower() if len(words) == 3 and words[1].lower() == "as" else ""
    base = words[0] if words else ""
    return Stage(start=start, base=base, name=name, instructions=tuple(instructions))


def _instructions(text: str) -> Iterator[Instruction]:
    escape = "`" if re.match(r"(?:#[^\n]*\n)*#\s*escape\s*=\s*`", text, re.IGNORECASE) else "\\"
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        joined = line
        while joined.rstrip().endswith(escape):
            _, more = next(lines, (0, None))
            if more is None:
                break
            if more.strip() and not more.lstrip().startswith("#"):
                joined = f"{joined.rstrip()[:-1]} {more}"
        name, _, rest = joined.strip().partition(" ")
        if name.upper() in ("RUN", "COPY", "ADD"):
            for heredoc in _HEREDOC.finditer(rest):
                while next(lines, (0, heredoc[2]))[1].strip() != heredoc[2]:
                    pass
        yield _instruction(name, rest, number)


def _instruction(name: str, rest: str, line: int) -> Instruction:
    rest, flags = rest.strip(), dict[str, str]()
    while flag := _FLAG.match(rest):
        flags[flag[1]] = flag[2] or ""
        rest = rest[flag.end() :]
    return Instruction(name=name.upper(), rest=rest, flags=flags, line=line)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # unclosed quote
        return text.split()
