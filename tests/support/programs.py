"""Programs that are shell scripts, alone on PATH, in place of kubectl and pulumi."""

from pathlib import Path

import pytest


def write_program(directory: Path, name: str, script: str) -> Path:
    """Writes a program that notes its arguments and does what the script says. Returns the file of notes."""
    directory.mkdir(exist_ok=True)
    log = directory / f"{name}.log"
    program = directory / name
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {log}\n{script}\n')
    program.chmod(0o755)
    return log


def alone_on_path(monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
    """Only programs of this directory, and those that every system has, are found."""
    monkeypatch.setenv("PATH", f"{directory}:/bin:/usr/bin")
