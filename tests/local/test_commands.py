"""The command line without anything up."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from local import preflight, stack
from local.cli import app
from local.paths import Paths
from local.record import CreatedStack, Record
from local.site import Site


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Paths]:
    before = dict(os.environ)
    home = {"GOSERVICE_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    os.environ.clear()
    os.environ.update({"PATH": before["PATH"], "HOME": str(tmp_path)} | home)

    def refuse(command: str, _arguments: list[str]) -> None:
        raise FileNotFoundError(command)

    monkeypatch.setattr(os, "execvp", refuse)
    yield Paths.of()
    os.environ.clear()
    os.environ.update(before)


def said(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output


@pytest.mark.parametrize("arguments", [("env",), ("exec", "--", "true")])
def test_without_anything_up(paths: Paths, arguments: tuple[str, ...]) -> None:
    assert said(*arguments) == (1, "error: nothing is up\n  → `make up` brings it up.\n")


def test_status_without_anything_up(paths: Paths) -> None:
    assert said("status") == (0, "nothing is up; `make up` brings it up\n")


def test_down_without_anything_up_is_no_failure(paths: Paths) -> None:
    assert said("down") == (0, "nothing is up\n")


def test_the_cache_can_go_without_anything_up(paths: Paths) -> None:
    (paths.cache / "tools").mkdir(parents=True)
    code, shown = said("down", "--cache")
    assert code == 0
    assert "removed" in shown
    assert not paths.cache.exists()


def test_up_tells_every_problem_of_the_machine(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [
        preflight.Problem(what="No Go.", remedy="Get it."),
        preflight.Problem(what="No disk.", remedy="Buy."),
    ]
    monkeypatch.setattr(preflight, "check", lambda _paths: problems)
    code, shown = said("up")
    assert code == 1
    assert shown == "error: this machine is not ready:\nNo Go.\n  → Get it.\nNo disk.\n  → Buy.\n"


def test_env_prints_exports_a_shell_can_read(paths: Paths) -> None:
    Record().save(paths, own_node=True)
    code, shown = said("env")
    assert code == 0
    assert f"export KUBECONFIG={paths.kubeconfig}\n" in shown
    assert all(line.startswith("export ") for line in shown.splitlines())


def test_an_unknown_command_is_named(paths: Paths) -> None:
    Record().save(paths, own_node=True)
    code, shown = said("exec", "--", "no-such-command")
    assert (code, shown) == (
        1,
        "error: there is no command `no-such-command`\n  → Check its name and PATH.\n",
    )


def test_locks_of_engines_that_were_killed_are_released(paths: Paths) -> None:
    directory = paths.pulumi_state / ".pulumi/locks/organization/goservice/dev"
    directory.mkdir(parents=True)
    (directory / "dead.json").write_text(json.dumps({"pid": 2**22 + 1}))
    (directory / "alive.json").write_text(json.dumps({"pid": os.getpid()}))
    stack.release_stale_locks(paths)
    assert [path.name for path in directory.iterdir()] == ["alive.json"]


def test_a_stack_somebody_has_removed_is_made_again(paths: Paths) -> None:
    Record().save(paths, stacks=[CreatedStack(checkout=str(paths.checkout), name="staging")])
    site = Site.of(paths)
    assert not stack.was_created(site, "staging")
    file = paths.pulumi_state / ".pulumi/stacks/goservice/staging.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    assert stack.was_created(site, "staging")
    assert not stack.was_created(site, "dev")


def test_a_stack_whose_checkout_has_gone_is_seen_from_this_one(paths: Paths, tmp_path: Path) -> None:
    gone, there = (CreatedStack(checkout=str(tmp_path / name), name="dev") for name in ("gone", "there"))
    (tmp_path / "there").mkdir()
    (tmp_path / "there/Pulumi.yaml").touch()
    assert stack.directory(Site.of(paths), gone) == paths.checkout
    assert stack.directory(Site.of(paths), there) == tmp_path / "there"


def test_down_keeps_the_rest_while_another_stack_needs_it(paths: Paths) -> None:
    kept = CreatedStack(checkout=str(paths.checkout), name="staging")
    Record().save(
        paths, own_node=True, own_docker=True, stacks=[kept, CreatedStack(checkout="/gone", name="dev")]
    )
    code, shown = said("down", "--stack", "dev")
    assert code == 0, shown
    assert "removed stack dev" in shown
    assert "kept everything else for stack staging" in shown
    assert Record.load(paths).stacks == [kept]
