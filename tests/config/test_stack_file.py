"""What a stack file says of its values: which are encrypted, which are in clear, which are not there."""

from pathlib import Path
from typing import Any

import pytest

from components.config.stack_file import clear_names, encrypted, path, stored

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


@pytest.mark.parametrize(
    ("section", "names"),
    [(None, set()), (CIPHER, set()), ({"A": CIPHER, "B": "hello", "C": "", 1: 2}, {"B", "1"})],
)
def test_names_in_clear_are_those_with_a_value(section: Any, names: set[str]) -> None:
    assert clear_names(section) == names
