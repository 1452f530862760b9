"""The nginx configuration language: directives and blocks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<blank>\s+|\#[^\n]*)
    | (?P<sign>[;{}])
    | (?P<word>
        "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*'  # quotes within a word are part of it
        | (?:\\.|\$\{\w*\}|[^\s;{}\\"'])(?:\\.|\$\{\w*\}|[^\s;{}\\])*
      )
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


_DEEPEST = 50
"""Blocks within blocks; nobody writes more."""


@dataclass(frozen=True, kw_only=True)
class Directive:
    """A directive, or a block of some."""

    name: str
    args: tuple[str, ...]
    """Without the quotes around them."""
    block: tuple["Directive", ...] | None
    """What is in its braces; None if it has none."""
    line: int
    """Line it starts in, the first is 1."""

    def all(self, name: str) -> Iterator["Directive"]:
        """Directives of a name directly in the block."""
        return (each for each in self.block or () if each.name == name)


def parse(text: str) -> tuple[Directive, ...]:
    """Directives of a text, none if it is nested too deep. What does not end is left out."""
    root: list[Directive] = []
    open_blocks: list[tuple[list[Directive], list[str], int]] = []
    found, words, line, start = root, list[str](), 1, 1
    for token in _TOKEN.finditer(text):
        if token["word"] is not None:
            start = start if words else line
            words.append(_unquoted(token["word"]))
        elif token["sign"] == ";":
            if words:
                found.append(Directive(name=words[0], args=tuple(words[1:]), block=None, line=start))
            words = []
        elif token["sign"] == "{":
            open_blocks.append((found, words, start))
            found, words = [], []
            if len(open_blocks) > _DEEPEST:
                return ()
        elif token["sign"] == "}" and open_blocks:
            inside = tuple(found)
            found, head, at = open_blocks.pop()
            if head:
                found.append(Directive(name=head[0], args=tuple(head[1:]), block=inside, line=at))
            words = []
        line += token[0].count("\n")
    return tuple(root)


def _unquoted(word: str) -> str:
    if len(word) > 1 and word[0] in "\"'" and word[-1] == word[0]:
        return re.sub(r"\\([\"'\\])", r"\1", word[1:-1])
    return word


def servers(directives: Sequence[Directive]) -> Iterator[tuple[Directive, tuple[Directive, ...]]]:
    """HTTP servers, each with the blocks around it from the outside in; the text itself counts as `http`."""
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


def inherited(name: str, blocks: Sequence[Directive]) -> list[Directive]:
    """Directives of a name that hold in the innermost of nested blocks: its own, or else those around it."""
    for block in reversed(blocks):
        if found := list(block.all(name)):
            return found
    return []
