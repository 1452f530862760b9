"""The command plugin on this machine: inputs, outputs, files, errors, interruption."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from local.plugins.base import UNKNOWN, Archive, Asset, Failure, PluginError, Secret, Value, Values, unwrap
from local.plugins.command import Command
from local.plugins.command_globs import archive_of, compile_glob, find_assets
from local.plugins.command_inputs import COPY, LOCAL, REMOTE, check, diff
from tests.local.plugin_calls import Said, context

PROVIDER = Command()


def _create(inputs: Values) -> tuple[Values, Said]:
    ctx, said = context(LOCAL)
    checked, failures = PROVIDER.check(ctx, {}, inputs, b"", None)
    assert failures == []
    return PROVIDER.create(ctx, checked)[1], said


def test_output_is_shown_line_by_line_and_kept() -> None:
    outputs, said = _create({"create": "echo one; echo; echo two; echo err >&2"})
    assert outputs["stdout"] == "one\n\ntwo"
    assert outputs["stderr"] == "err"
    assert sorted(said.logs) == [("info", "err"), ("info", "one"), ("info", "two")]


@pytest.mark.parametrize(
    ("logging", "shown"),
    [("stdout", ["out"]), ("stderr", ["err"]), ("none", []), ("stdoutAndStderr", ["err", "out"])],
)
def test_logging_picks_what_is_shown(logging: str, shown: list[str]) -> None:
    outputs, said = _create({"create": "echo out; echo err >&2", "logging": logging})
    assert sorted(line for _, line in said.logs) == shown
    assert (outputs["stdout"], outputs["stderr"]) == ("out", "err")


def test_stdin_environment_folder_and_interpreter(tmp_path: Path) -> None:
    outputs, _ = _create(
        {
            "create": "import os, sys; print(sys.stdin.read(), os.environ['WHO'], os.getcwd())",
            "interpreter": ["python3", "-c"],
            "stdin": "in",
            "environment": {"WHO": "me"},
            "dir": str(tmp_path),
        }
    )
    assert outputs["stdout"] == f"in me {tmp_path}"


def test_a_program_that_reads_none_of_its_input() -> None:
    outputs, _ = _create({"create": "true", "stdin": "x" * 1_000_000})
    assert outputs["stdout"] == ""


def test_failure_names_exit_status_command_and_last_lines() -> None:
    with pytest.raises(PluginError) as error:
        _create({"create": "for i in $(seq 1 60); do echo $i; done; sleep 0.2; echo why >&2; exit 3"})
    lines = str(error.value).splitlines()
    assert lines[0].startswith('exit status 3: running "for i in')
    assert lines[1:] == [str(n) for n in range(12, 61)] + ["why"]
    with pytest.raises(PluginError, match=r"^signal: SIGKILL"):
        _create({"create": "kill -9 $$"})


def test_a_secret_command_is_not_quoted() -> None:
    with pytest.raises(PluginError) as error:
        _create({"create": Secret("false hunter2")})
    assert str(error.value) == "exit status 1: running the command, which is secret:"


def test_what_cannot_be_started() -> None:
    with pytest.raises(PluginError, match=r"^dir: '/none/there' is not a folder$"):
        _create({"create": "true", "dir": "/none/there"})
    with pytest.raises(PluginError, match=r"^no-such-shell cannot be started: No such file or directory"):
        _create({"create": "true", "interpreter": ["no-such-shell"]})
    with pytest.raises(PluginError, match="too long for the system"):
        _create({"create": "true", "environment": {"X": "x" * 3_000_000}})


def test_outputs_are_secret_if_any_input_is() -> None:
    outputs, _ = _create({"create": "echo $PASS", "environment": Secret({"PASS": "hunter2"})})
    assert outputs["stdout"] == Secret("hunter2")
    assert outputs["environment"] == Secret({"PASS": "hunter2"})


def test_update_and_delete_get_the_last_output_unless_told_not_to(tmp_path: Path) -> None:
    ctx, _ = context(LOCAL)
    show = "echo ${PULUMI_COMMAND_STDOUT-none} ${PULUMI_COMMAND_STDERR-none}"
    old: Values = {"create": "a"}
    state: Values = {"stdout": "before", "stderr": ""}
    new: Values = {"create": "echo created", "update": show}
    assert PROVIDER.update(ctx, "i", old, state, new)["stdout"] == "before none"
    off: Values = {**new, "addPreviousOutputInEnv": False}
    assert PROVIDER.update(ctx, "i", old, state, off)["stdout"] == "none none"
    assert PROVIDER.update(ctx, "i", old, state, {"create": "echo created"})["stdout"] == "created"
    left = tmp_path / "left"
    PROVIDER.delete(ctx, "i", {"delete": f"{show} > {left}"}, state)
    assert left.read_text() == "before none\n"
    PROVIDER.delete(ctx, "i", {"create": f"rm {left}"}, state)
    assert left.exists()


def test_without_a_command_the_last_outputs_stay() -> None:
    ctx, _ = context(LOCAL)
    assert PROVIDER.create(ctx, {"delete": "true"})[1] == {"delete": "true", "stdout": "", "stderr": ""}
    assert PROVIDER.update(ctx, "i", {}, {"stdout": Secret("s")}, {"delete": "x"})["stdout"] == Secret("s")


def test_a_preview_runs_nothing(tmp_path: Path) -> None:
    ctx, _ = context(LOCAL, preview=True)
    inputs: Values = {"create": f"touch {tmp_path}/x", "assetPaths": ["*"], "archivePaths": ["*"]}
    id_, outputs = PROVIDER.create(ctx, inputs)
    assert id_ == ""
    assert [outputs[key] for key in ("stdout", "stderr", "assets", "archive")] == [UNKNOWN] * 4
    PROVIDER.update(ctx, "i", {}, {}, {**inputs, "create": UNKNOWN})
    assert list(tmp_path.iterdir()) == []


def test_ids_begin_with_the_name_and_differ() -> None:
    ctx, _ = context(LOCAL)
    ids = {PROVIDER.create(ctx, {"create": "true"})[0] for _ in range(3)}
    assert len(ids) == 3
    assert all(id_.startswith("thing") and len(id_) == len("thing") + 8 for id_ in ids)


def test_files_are_returned(tmp_path: Path) -> None:
    script = (
        "mkdir -p src/deep; echo a > src/a.js; echo s > src/secret.js; echo b > src/deep/b.js; echo c > c.txt"
    )
    outputs, _ = _create(
        {
            "create": script,
            "dir": str(tmp_path),
            "assetPaths": ["src/**.js", "!**secret.*"],
            "archivePaths": ["*.txt"],
        }
    )
    assets = outputs["assets"]
    assert isinstance(assets, dict)
    assert sorted(assets) == ["src/a.js", "src/deep/b.js"]
    assert assets["src/a.js"] == Asset(
        path=str(tmp_path / "src/a.js"),
        hash="87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7",
    )
    archive = outputs["archive"]
    assert isinstance(archive, Archive)
    assert list(archive.assets or {}) == ["c.txt"]


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("*.js", "a.js", True),
        ("*.js", "d/a.js", False),
        ("**.js", "d/e/a.js", True),
        ("a?c", "a/c", False),
        ("[!a].x", "b.x", True),
        ("{a,b}/*.{js,ts}", "b/x.ts", True),
        ("a,b", "a,b", True),
        (r"\*", "*", True),
        (r"\*", "x", False),
    ],
)
def test_globs(glob: str, path: str, matches: bool) -> None:
    assert (compile_glob(glob).fullmatch(path) is not None) is matches


def test_bad_globs_and_changing_archives(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"the glob '\[a' has a \[ without a \]"):
        compile_glob("[a")
    with pytest.raises(PluginError, match=r"^assetPaths or archivePaths: the glob '\{a' is not valid"):
        _create({"create": "true", "assetPaths": ["{a"]})
    (tmp_path / "a").write_text("1")
    before = archive_of(find_assets(tmp_path, ["*"])).hash
    (tmp_path / "a").write_text("2")
    assert archive_of(find_assets(tmp_path, ["*"])).hash != before


def test_interruption_ends_the_whole_process_group(tmp_path: Path) -> None:
    cancelled = threading.Event()
    ctx, said = context(LOCAL, cancelled=cancelled)
    threading.Timer(0.5, cancelled.set).start()
    started = time.monotonic()
    with pytest.raises(PluginError, match=r"^interrupted: running"):
        PROVIDER.create(ctx, {"create": "trap 'echo cleaning; exit 1' INT; sh -c 'echo $$; sleep 60' & wait"})
    assert time.monotonic() - started < 5
    pid = int(said.logs[0][1])
    assert ("info", "cleaning") in said.logs
    deadline = time.monotonic() + 3
    while Path(f"/proc/{pid}").exists() and _running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _running(pid)


def _running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1][:3]
    except FileNotFoundError:
        return False


def test_defaults_and_secret_connections() -> None:
    inputs, failures = check(
        REMOTE, {"connection": {"host": "h", "proxy": {"host": "p", "port": 23}}, "create": "x"}
    )
    assert failures == []
    assert inputs["addPreviousOutputInEnv"] is True
    common: Values = {"dialErrorLimit": 10, "perDialTimeout": 15, "user": "root"}
    assert inputs["connection"] == Secret(
        {**common, "port": 22, "host": "h", "proxy": {**common, "port": 23, "host": "p"}}
    )
    assert check(REMOTE, {"connection": UNKNOWN})[0]["connection"] is UNKNOWN
    assert check(REMOTE, {"connection": Secret({"host": UNKNOWN})})[1] == []


def test_problems() -> None:
    assert check(LOCAL, {"create": 1, "creates": "x"})[1] == [
        Failure(
            "creates",
            "is not known; known are addPreviousOutputInEnv, archivePaths, assetPaths, create, delete, dir, "
            "environment, interpreter, logging, stdin, triggers, update",
        ),
        Failure("create", "must be a string, not a number"),
    ]
    assert check(LOCAL, {"logging": "all"})[1] == [
        Failure("logging", "'all' must be one of stdout, stderr, stdoutAndStderr, none")
    ]
    assert check(REMOTE, {"connection": {"user": "u"}})[1] == [Failure("connection.host", "is required")]
    reason = "must be a FileAsset, a StringAsset, or a FileArchive of a file or folder on disk"
    base: Values = {"connection": {"host": "h"}, "remotePath": "/x"}
    assert check(COPY, {**base, "source": "a"})[1] == [Failure("source", reason)]
    assert check(COPY, {**base, "source": Archive(assets={})})[1] == [Failure("source", reason)]
    for source in (Asset(path="a"), Asset(text=""), Archive(path="a"), UNKNOWN):
        assert check(COPY, {**base, "source": source})[1] == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"create": "a"}, {"create": "b"}, {"create": "update"}),
        ({"triggers": [1]}, {"triggers": [2]}, {"triggers[0]": "update-replace"}),
        ({"triggers": [1]}, {"triggers": [1, 2]}, {"triggers[1]": "add-replace"}),
        ({"triggers": [1]}, {}, {"triggers": "delete-replace"}),
        (
            {"triggers": [Asset(hash="a")], "update": "u"},
            {"triggers": [Asset(hash="b", path="x")], "update": "u"},
            {"triggers": "update"},
        ),
        ({"environment": Secret({"a": "1"})}, {"environment": {"a": "1"}}, {}),
        ({"triggers": [1]}, {"triggers": [UNKNOWN]}, {"triggers[0]": "update-replace"}),
    ],
)
def test_differences(old: Values, new: Values, expected: dict[str, Value]) -> None:
    assert {path: change.kind for path, change in diff(old, new).changes.items()} == expected


def test_the_run_function() -> None:
    ctx, said = context()
    result = PROVIDER.invoke(ctx, "command:local:run", {"command": "echo $A", "environment": {"A": "b"}})
    assert isinstance(result, dict)
    assert (result["stdout"], unwrap(result["command"])) == ("b", "echo $A")
    assert said.logs == [("info", "b")]
    assert PROVIDER.invoke(ctx, "command:local:run", {}) == [Failure("command", "is required")]
    with pytest.raises(PluginError, match="has no function 'command:local:other'"):
        PROVIDER.invoke(ctx, "command:local:other", {})


def test_other_resources_and_imports_are_refused() -> None:
    with pytest.raises(PluginError, match="not command:remote:CopyFile"):
        PROVIDER.check(context("command:remote:CopyFile")[0], {}, {}, b"", None)
    ctx, _ = context(LOCAL)
    assert PROVIDER.read(ctx, "i", {"a": 1}, {"b": 2}) == ("i", {"a": 1}, {"b": 2})
    with pytest.raises(PluginError, match="cannot be imported"):
        PROVIDER.read(ctx, "i", {}, {})


def test_the_environment_of_the_plugin_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEN", "yes")
    assert _create({"create": "echo $SEEN"})[0]["stdout"] == "yes"
    assert os.environ["SEEN"] == "yes"
