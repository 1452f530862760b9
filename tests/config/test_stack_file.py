"""What a stack file says of its values: which are encrypted, which are in clear, which are not there."""

from pathlib import Path
from typing import Any

import pytest

from components.config.stack_file import Steps, encrypted, is_clear, path, stored, value_at

CIPHER = {"secure": "v1:abc"}


def test_a_section_is_read_as_it_is_stored(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text("config:\n  goservice:env: {A: {secure: v1:abc}, B: hello}\n")
    assert stored(file, "goservice:env") == {"A": CIPHER, "B": "hello"}
    assert stored(file, "goservice:secrets") is None


@pytest.mark.parametrize("text", [None, "", "encryptionsalt: v1:x\n", "config:\n"])
def test_what_is_not_there_is_none(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    if text is not None:
        file.write_text(text)
    assert stored(file, "goservice:env") is None


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        (None, []),
        ("hello", []),
        ({"A": "hello", "secure": "v1:abc"}, []),
        ({"secure": {"A": "hello"}}, []),
        (CIPHER, ["env"]),
        ({"A": CIPHER, "B": "hello", 1: CIPHER}, ["env.A", "env.1"]),
        ({"A": {"b/c": CIPHER, "d.e": CIPHER}}, ["env.A.b/c", 'env.A["d.e"]']),
        ({"A": ["hello", CIPHER, {"B": [CIPHER]}]}, ["env.A[1]", "env.A[2].B[0]"]),
    ],
)
def test_encrypted_values_are_found_at_any_depth(value: Any, paths: list[str]) -> None:
    assert [path("env", steps) for steps in encrypted(value)] == paths


SECTION = {"A": CIPHER, "B": "hello", "C": "", 1: 2, "headers": {"a.b": "c", "d": CIPHER}}


@pytest.mark.parametrize(
    ("section", "steps", "value"),
    [
        (None, ("A",), None),
        (CIPHER, ("secure",), None),
        (CIPHER, (), CIPHER),
        (SECTION, ("A",), CIPHER),
        (SECTION, ("A", "secure"), None),
        (SECTION, ("B",), "hello"),
        (SECTION, ("B", "x"), None),
        (SECTION, ("1",), 2),
        (SECTION, ("headers", "a.b"), "c"),
        (SECTION, ("headers", "e"), None),
    ],
)
def test_a_value_is_found_at_its_place(section: Any, steps: Steps, value: Any) -> None:
    assert value_at(section, steps) == value


def test_what_has_a_value_that_anyone_can_read_is_in_clear() -> None:
    places: list[Steps] = [(name,) for name in ("A", "B", "C", "D", "1")]
    places += [("headers", "a.b"), ("headers", "d")]
    assert [steps for steps in places if is_clear(SECTION, steps)] == [("B",), ("1",), ("headers", "a.b")]
    assert not any(is_clear(section, ("A",)) for section in (None, CIPHER, {}))
