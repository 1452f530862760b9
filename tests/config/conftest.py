"""Every test runs in a program's folder of its own, with a Go module."""

from pathlib import Path

import pytest

from tests.support.go_module import write_module


@pytest.fixture(autouse=True)
def _with_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_module(tmp_path)
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path)
