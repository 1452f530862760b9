"""Dockerfiles as they are written, and what is known of their variables."""

import pytest

from policies.reading.dockerfile_text import expand, pairs, parse

TEXT = """\
# syntax=docker/dockerfile:1
ARG GO=1.26
from --platform=$BUILDPLATFORM golang:${GO} as Build
RUN --mount=type=cache,target=/x \\
    # between
    go build \\

    ./...
RUN <<-EOF cat
FROM nowhere
EOF
COPY --from=build --chown=1:1 <<A <<"B" /
USER a
A
USER b
B
FROM scratch
USER 65534
"""


def test_stages() -> None:
    dockerfile = parse(TEXT)
    first, last = dockerfile.stages
    assert [instruction.rest for instruction in dockerfile.arguments] == ["GO=1.26"]
    assert (first.base, first.name, first.start.line) == ("golang:${GO}", "build", 3)
    assert (last.base, last.name) == ("scratch", "")
    assert [(each.name, each.line) for each in first.instructions] == [("RUN", 4), ("RUN", 9), ("COPY", 12)]
    assert [(each.name, each.rest) for each in last.instructions] == [("USER", "65534")]


def test_flags_and_continued_lines() -> None:
    run, _, copy = parse(TEXT).stages[0].instructions
    assert run.rest.split() == ["go", "build", "./..."]
    assert run.flags == {"mount": "type=cache,target=/x"}
    assert copy.flags == {"from": "build", "chown": "1:1"}


def test_a_shift_is_no_here_document() -> None:
    (stage,) = parse("FROM x\nRUN echo $((1<<EOF)) <<<EOF\nUSER 1\n").stages
    assert [each.name for each in stage.instructions] == ["RUN", "USER"]


def test_another_escape_character() -> None:
    (stage,) = parse("# escape=`\nFROM x\nRUN a `\n b\nUSER c\\\n").stages
    assert [(each.name, each.rest) for each in stage.instructions] == [("RUN", "a   b"), ("USER", "c\\")]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("ARG A", [("A", None)]),
        ("ARG A=1 B='x y'", [("A", "1"), ("B", "x y")]),
        ("ENV A=1 B=$A", [("A", "1"), ("B", "$A")]),
        ("ENV A some words", [("A", "some words")]),
        ('LABEL "a.b"="c d" e=f', [("a.b", "c d"), ("e", "f")]),
        ("ENV A='no end", [("A", "'no"), ("end", None)]),
        ("ENV", []),
    ],
)
def test_pairs(line: str, found: list[tuple[str, str | None]]) -> None:
    (stage,) = parse(f"FROM x\n{line}").stages
    assert list(pairs(stage.instructions[0])) == found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a:$A-${B}", "a:1-2"),
        ("$UNDECLARED", None),
        ("$UNKNOWN", None),
        ("${UNDECLARED:-d}", "d"),
        ("${UNKNOWN:-d}", None),
        ("${A:-d}${EMPTY:-d}", "1d"),
        ("${A:+d}${EMPTY:+d}", "d"),
        ("no variable", "no variable"),
    ],
)
def test_variables(text: str, value: str | None) -> None:
    assert expand(text, {"A": "1", "B": "2", "EMPTY": "", "UNKNOWN": None}) == value


@pytest.mark.parametrize(
    "text", ["", "\\", "FROM", "FROM \\", "USER", "RUN <<EOF", "ARG", "\0", "FROM a b c d"]
)
def test_odd_texts_are_borne(text: str) -> None:
    parse(text)
