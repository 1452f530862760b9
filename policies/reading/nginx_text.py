"""Parses nginx configuration into directives and blocks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<blank>\s+|\#[^\n]*)
    | (?P<sign>[;{}])
    | (?P<word>
        "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*'  # quotes inside a word are part of it
        | (?:\\.|\$\{\w*\}|[^\s;{}\\"'])(?:\\.|\$\{\w*\}|[^\s;{}\\])*
      )
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


_MAX_DEPTH = 50
"""Maximum nesting of blocks."""


@dataclass(frozen=True, kw_only=True)
class Directive:
    """A directive, with a block or without."""

    name: str
    args: tuple[str, ...]
    """Arguments without their quotes."""
    block: tuple["Directive", ...] | None
    """Directives in its braces; None without braces."""
    line: int
    """First line, counted from 1."""

    def all(self, name: str) -> Iterator["Directive"]:
        """Directives with a name, directly in the block."""
        return (each for each in self.block or () if each.name == name)


def parse(text: str) -> tuple[Directive, ...]:
    """Directives in a text; empty if it is nested too deeply. Skips directives without an end."""
    root: list[Directive] = []
    open_blocks: list[tuple[list[Directive], list[str], int]] = []
    found, words, line, start = root, list[str](), 1, 1
    for token in _TOKEN.finditer(text):
        if token["word"] is not None:
            start = start if words else line
            words.append(_unquote(token["word"]))
        elif token["sign"] == ";":
            if words:
                found.append(Directive(name=words[0], args=tuple(words[1:]), block=None, line=start))
            words = []
        elif token["sign"] == "{":
            open_blocks.append((found, words, start))
            found, words = [], []
            if len(open_blocks) > _MAX_DEPTH:
                return ()
        elif token["sign"] == "}" and open_blocks:
            inside = tuple(found)
            found, head, at = open_blocks.pop()
            if head:
                found.append(Directive(name=head[0], args=tuple(head[1:]), block=inside, line=at))
            words = []
        line += token[0].count("\n")
    return tuple(root)


def _unquote(word: str) -> str:
    if len(word) > 1 and word[0] in "\"'" and word[-1] == word[0]:
        return re.sub(r"\\([\"'\\])", r"\1", word[1:-1])
    return word


def servers(directives: Sequence[Directive]) -> Iterator[tuple[Directive, tuple[Directive, ...]]]:
    """HTTP servers, each with its enclosing blocks, outermost first; the file itself counts as `http`."""
    around = Directive(name="http", args=(), block=tuple(directives), line=1)
    yield from _servers(around, ())


def _servers(
    block: Directive, outside: tuple[Directive, ...]
) -> Iterator[tuple[Directive, tuple[Directive, ...]]]:
    for each in block.block or ():
        if each.name == "server" and each.block is not None:
            yield each, (*outside, block)
        elif each.name == "http":
            yield from _servers(each, (*outside, block))


def effective_directives(name: str, blocks: Sequence[Directive]) -> list[Directive]:
    """Directives with a name that apply in the innermost block: its own, or those it inherits."""
    for block in reversed(blocks):
        if found := list(block.all(name)):
            return found
    return []
