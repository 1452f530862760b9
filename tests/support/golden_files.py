"""Golden files: what a pure function makes, compared with what was reviewed.

UPDATE_GOLDEN=1 writes them anew; the difference is then reviewed with git.
"""

import os
from pathlib import Path


def assert_golden(file: Path, text: str) -> None:
    """Compares a text with a golden file."""
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert file.exists(), f"{file} is missing; UPDATE_GOLDEN=1 writes it"
    assert text == file.read_text(), f"{file} differs; if that is wanted, UPDATE_GOLDEN=1 writes it anew"
