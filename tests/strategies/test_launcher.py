"""The gate starts from wherever the components are installed, by a command that is the same everywhere."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.strategies.canary.launcher import Launcher, launcher_text
from tests.support.recording import record


def launcher(name: str = "shop", stack: str = "dev") -> Launcher:
    found: list[Launcher] = []
    record(lambda: found.append(Launcher(name)), stack=stack)
    return found[0]


def write(made: Launcher) -> None:
    hook: Any
    (hook,) = made.hooks.before_create or []
    hook.callback(pulumi.ResourceHookArgs(urn="urn", id="", name="shop-gate", type="t"))


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_command_names_no_place_of_this_machine() -> None:
    assert launcher().command == ". ./.goservice/shop.dev.gate; exit $?"


def test_two_stacks_of_a_checkout_have_a_file_each() -> None:
    assert launcher(stack="prod").command != launcher(stack="dev").command


def test_nothing_is_written_before_the_hook_and_no_preview_runs_it(tmp_path: Path) -> None:
    made = launcher()
    assert list(tmp_path.iterdir()) == []
    hooks: Any
    for hooks in (made.hooks.before_create, made.hooks.before_update):
        assert [hook.opts and hook.opts.on_dry_run for hook in hooks or []] in ([None], [False])


def test_git_ignores_the_file(tmp_path: Path) -> None:
    write(launcher())
    assert (tmp_path / ".goservice/.gitignore").read_text() == "*\n"
    assert (tmp_path / ".goservice/shop.dev.gate").is_file()


def test_the_command_runs_the_gate_outside_of_the_checkout(tmp_path: Path) -> None:
    """… with this Python, whatever `python3` is, and exits as the gate does."""
    made = launcher()
    write(made)
    done = subprocess.run(
        ["/bin/sh", "-c", made.command],
        cwd=tmp_path,
        env={"PATH": os.defpath},
        input="no request",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "components/gate" in done.stderr, done.stderr


def test_no_python_that_kubectl_starts_finds_our_modules() -> None:
    assert "PYTHONPATH" not in launcher_text(sys.executable, Path("/srv/it's here"), "goservice")


def test_a_package_of_another_name_in_a_folder_with_any_name(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s "here"'
    (folder / "goservice/gate").mkdir(parents=True)
    (folder / "goservice/__init__.py").touch()
    (folder / "goservice/gate/__init__.py").touch()
    (folder / "goservice/gate/__main__.py").write_text("print(__package__)\nraise SystemExit(3)\n")
    text = launcher_text(sys.executable, folder, "goservice")
    done = subprocess.run(["/bin/sh", "-c", text], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "goservice.gate\n"), done.stderr
