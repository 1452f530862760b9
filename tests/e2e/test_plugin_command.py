"""The command plugin: on this machine, against a real sshd, and under the real engine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.e2e.conftest import Embedded, Result
from tests.e2e.plugin_process import Plugin, error_of, plugin
from tests.e2e.plugin_values import UNKNOWN, Archive, Asset, Secret, Value, Values
from tests.e2e.ssh_server import SshServer, ssh_server

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with ssh_server(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def env(embedded: Embedded) -> dict[str, str]:
    return {key: value for key, value in embedded.env.items() if key != "SSH_AUTH_SOCK"}


@pytest.fixture
def local(env: dict[str, str]) -> Iterator[Plugin]:
    with plugin("command", "command:local:Command", {**env, "SEEN": "yes"}) as made:
        yield made


@pytest.fixture
def remote(env: dict[str, str]) -> Iterator[Plugin]:
    with plugin("command", "command:remote:Command", env) as made:
        yield made


@pytest.fixture
def copy(env: dict[str, str]) -> Iterator[Plugin]:
    with plugin("command", "command:remote:CopyToRemote", env) as made:
        yield made


@pytest.mark.parametrize(
    ("inputs", "stdout", "stderr"),
    [
        ({"create": "printf 'a\n\nb\n\n'; echo err >&2"}, "a\n\nb\n", "err"),
        ({"create": "cat; echo $WHO $SEEN", "stdin": "in\n", "environment": {"WHO": "me"}}, "in\nme yes", ""),
        ({"create": "import os; print(os.getcwd())", "interpreter": ["python3", "-c"], "dir": "/"}, "/", ""),
        ({"create": "true", "stdin": "x" * 1_000_000}, "", ""),
        ({"create": "head -c 3000000 /dev/zero | tr '\\0' x"}, "x" * 3_000_000, ""),
        ({"create": "printf '\\377'"}, "\ufffd", ""),
        ({"delete": "true"}, "", ""),
    ],
)  # fmt: skip
def test_a_local_command_and_its_output(local: Plugin, inputs: Values, stdout: str, stderr: str) -> None:
    id_, outputs = local.create(inputs)
    assert (outputs["stdout"], outputs["stderr"]) == (stdout, stderr)
    assert re.fullmatch("thing[0-9a-f]{8}", id_)


@pytest.mark.parametrize(
    ("logging", "shown"),
    [
        (None, ["", "err", "more", "out"]),
        ("stdoutAndStderr", ["", "err", "more", "out"]),
        ("stdout", ["", "more", "out"]),
        ("stderr", ["err"]),
        ("none", list[str]()),
    ],
)
def test_logging_picks_the_lines_that_are_shown(local: Plugin, logging: str, shown: list[str]) -> None:
    _, outputs = local.create({"create": "echo out; echo; echo more; echo err >&2", "logging": logging})
    assert sorted(local.statuses) == shown
    assert (outputs["stdout"], outputs["stderr"]) == ("out\n\nmore", "err")


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (
            {"create": 'echo "1"; sleep 0.3; echo why >&2; exit 3', "logging": "none"},
            'exit status 3: running "echo \\"1\\"; sleep 0.3; echo why >&2; exit 3":\n1\nwhy',
        ),
        ({"create": "kill -9 $$"}, 'signal: killed: running "kill -9 $$":\n'),
        ({"create": "true", "dir": "/none"}, 'chdir /none: no such file or directory: running "true":\n'),
        (
            {"create": "true", "interpreter": ["/none/sh"]},
            'fork/exec /none/sh: no such file or directory: running "true":\n',
        ),
        (
            {"create": "true", "environment": {"X": "x" * 3_000_000}},
            'fork/exec /bin/sh: argument list too long: running "true":\n',
        ),
        ({"create": "true", "assetPaths": ["[a"]}, "unexpected end of input"),
    ],
)
def test_a_local_failure_says_why(local: Plugin, inputs: Values, message: str) -> None:
    assert error_of(lambda: local.create(inputs)) == message


def test_only_inputs_that_are_secret_stay_so(local: Plugin) -> None:
    # As with the official plugin: a program names its secret outputs in `additional_secret_outputs`.
    _, outputs = local.create({"create": "echo $PASS", "environment": {"PASS": Secret("hunter2")}})
    assert (outputs["stdout"], outputs["stderr"]) == ("hunter2", "")
    assert outputs["environment"] == {"PASS": Secret("hunter2")}
    assert outputs["create"] == "echo $PASS"


SHOW = "echo ${PULUMI_COMMAND_STDOUT-none} ${PULUMI_COMMAND_STDERR-none}"


@pytest.mark.parametrize(
    ("news", "stdout"),
    [
        ({"create": "echo created", "update": SHOW}, "before none"),
        ({"create": "echo created", "update": SHOW, "addPreviousOutputInEnv": False}, "none none"),
        ({"create": "echo created"}, "created"),
        ({"delete": "true"}, "before"),
    ],
)
def test_updating_runs_update_or_create_with_the_last_output(
    local: Plugin, news: Values, stdout: str
) -> None:
    old: Values = {"create": "a"}
    assert local.update(old, {**old, "stdout": "before", "stderr": ""}, news)["stdout"] == stdout


def test_deleting_runs_delete_with_the_last_output(local: Plugin, tmp_path: Path) -> None:
    inputs: Values = {"create": "a", "delete": f"{SHOW} > {tmp_path}/left"}
    local.delete("i", inputs, {**inputs, "stdout": "", "stderr": "before"})
    assert (tmp_path / "left").read_text() == "none before\n"


def test_a_preview_runs_nothing(local: Plugin, tmp_path: Path) -> None:
    inputs: Values = {"create": f"touch {tmp_path}/x", "environment": {"A": UNKNOWN}}
    _, outputs = local.create(inputs, preview=True)
    assert [outputs["stdout"], outputs["stderr"]] == [UNKNOWN, UNKNOWN]
    assert outputs["environment"] == {"A": UNKNOWN}
    assert list(tmp_path.iterdir()) == []


def test_files_are_returned(local: Plugin, tmp_path: Path) -> None:
    inputs: Values = {
        "create": "mkdir -p src/deep; cd src; echo a > a.js; echo b > deep/b.js; touch secret.js ../c.ts",
        "dir": str(tmp_path),
        "assetPaths": ["src/**.js", "!**secret.*"],
        "archivePaths": ["*.{ts,js}"],
    }
    _, outputs = local.create(inputs)
    assert outputs["assets"] == {
        "src/a.js": Asset(
            path=str(tmp_path / "src/a.js"),
            hash="87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7",
        ),
        "src/deep/b.js": Asset(
            path=str(tmp_path / "src/deep/b.js"),
            hash="0263829989b6fd954f72baaf2fc64bc2e2f01d692d4de72986ea808f6e99813f",
        ),
    }
    archive = outputs["archive"]
    assert isinstance(archive, Archive)
    assert list(archive.assets or {}) == ["c.ts"]
    _, changed = local.create({**inputs, "create": "echo d > c.ts"})
    assert isinstance(changed["archive"], Archive)
    assert changed["archive"].hash != archive.hash
    assert local.update(inputs, outputs, inputs)["assets"] == outputs["assets"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"create": "a"}, {"create": "b"}, {"create": "UPDATE"}),
        ({"create": "a"}, {"create": "a"}, {}),
        # The SDKs have the engine make a replacement of any change at an index.
        ({"triggers": [1]}, {"triggers": [2]}, {"triggers[0]": "UPDATE"}),
        ({"triggers": [1]}, {"triggers": [1, UNKNOWN]}, {"triggers[1]": "ADD"}),
        ({"triggers": [1]}, {}, {"triggers": "DELETE_REPLACE"}),
        (
            {"update": "u", "triggers": [Asset(path="a", hash="1")]},
            {"update": "u", "triggers": [Asset(path="a", hash="2")]},
            {"triggers[0]": "UPDATE"},
        ),
        (
            {"triggers": [Asset(path="a", hash="1")]},
            {"triggers": [Asset(path="b", hash="1")]},
            {},
        ),
    ],
)
def test_what_a_change_means(local: Plugin, old: Values, new: Values, expected: Values) -> None:
    assert local.changes(old, {**old, "stdout": "", "stderr": ""}, new) == expected


def test_interruption_kills_the_command_and_hears_its_children_out(local: Plugin) -> None:
    child = "import os, time; parent = os.getppid(); print('ready', parent, flush=True)\n"
    child += "while os.getppid() == parent: time.sleep(0.05)\nprint('put in order', flush=True)"
    running = local.creating({"create": f'python3 -c "{child}"; exit $?'})
    parent = int(local.wait_for("ready").split()[1])
    local.cancel()
    message = error_of(lambda: running.result(timeout=10))
    assert message.startswith("signal: killed: running")
    assert message.endswith("put in order")
    assert not Path(f"/proc/{parent}").exists()


def test_the_run_function(local: Plugin) -> None:
    result = local.invoke("command:local:run", {"command": "echo $A", "environment": {"A": "b"}})
    assert (result["stdout"], result["stderr"], result["command"]) == ("b", "", "echo $A")
    assert local.statuses == ["b"]
    message = error_of(lambda: local.invoke("command:local:run", {"command": "exit 4"}))
    assert message == 'exit status 4: running "exit 4":\n'


def test_refusals_and_defaults(local: Plugin, remote: Plugin, copy: Plugin) -> None:
    assert [path for path, _ in local.refusals({"create": 1, "creates": "x"})] == ["create", "creates"]
    assert [path for path, _ in remote.refusals({"connection": {"user": "u"}})] == ["connection"]
    assert error_of(lambda: remote.create({"create": "true"})) == "a remote command needs a connection"
    proxied: Values = {"connection": {"host": "h", "proxy": {"host": "p", "port": 23}}}
    common: Values = {"dialErrorLimit": 10, "perDialTimeout": 15, "user": "root"}
    assert remote.check(proxied)["connection"] == Secret(
        {**common, "port": 22, "host": "h", "proxy": {**common, "port": 23, "host": "p"}}
    )
    assert remote.check({"connection": UNKNOWN})["connection"] == Secret(UNKNOWN)
    base: Values = {"connection": {"host": "h"}, "remotePath": "/x"}
    for source in (Asset(path="a"), Asset(text="", hash="h"), Archive(path="a"), UNKNOWN):
        assert copy.refusals({**base, "source": source}) == []
    assert [path for path, _ in copy.refusals(base)] == ["source"]


def test_the_plugin_has_the_version_of_the_package(local: Plugin) -> None:
    assert local.version == version("pulumi-command")


def test_a_remote_command_and_its_output(remote: Plugin, sshd: SshServer) -> None:
    inputs: Values = {
        "connection": sshd.connection(),
        "create": "cat; echo $WHO; echo err >&2",
        "stdin": "in\n",
        "environment": {"WHO": "me"},
    }
    id_, outputs = remote.create(inputs)
    assert id_.startswith("thing")
    assert (outputs["stdout"], outputs["stderr"]) == ("in\nme", "err")
    assert sorted(remote.statuses) == ["err", "in", "me"]
    assert isinstance(outputs["connection"], Secret)


def test_what_sshd_does_not_accept(remote: Plugin, sshd: SshServer) -> None:
    inputs: Values = {"connection": sshd.connection(), "create": "true", "environment": {"OTHER": "x"}}
    message = error_of(lambda: remote.create(inputs))
    assert message.startswith('could not set environment variable "OTHER" (see AcceptEnv of sshd): ')
    old: Values = {"connection": sshd.connection(), "create": "true"}
    remote.update(old, {**remote.create(old)[1], "stdout": "before"}, {**old, "create": "false || true"})
    assert any('"PULUMI_COMMAND_STDOUT"' in line for line in remote.logs)


def test_remote_failures(remote: Plugin, sshd: SshServer) -> None:
    command = "echo why >&2; exit 3"
    assert error_of(lambda: remote.create({"connection": sshd.connection(), "create": command})) == (
        f'Process exited with status 3: running "{command}":\nwhy'
    )
    killed = error_of(lambda: remote.create({"connection": sshd.connection(), "create": "kill -9 $$"}))
    assert re.match("Process exited with status 137 from signal KILL: running", killed)


def _other_key(sshd: SshServer) -> Values:
    return sshd.connection(hostKey=(sshd.folder / "user.pub").read_text(), dialErrorLimit=0)


def _encrypted(sshd: SshServer, **more: Value) -> Values:
    key = sshd.folder / "encrypted"
    if not key.exists():
        command = ["ssh-keygen", "-q", "-p", "-N", "opens", "-f", str(key)]
        key.write_bytes((sshd.folder / "user").read_bytes())
        key.chmod(0o600)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return sshd.connection(privateKey=key.read_text(), **more)


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        (lambda sshd: sshd.connection(), None),
        (lambda sshd: sshd.connection(hostKey=None), None),
        (lambda sshd: sshd.connection(hostKey=f"[h]:22 {sshd.connection()['hostKey']}"), None),
        (lambda sshd: sshd.connection(proxy=sshd.connection()), None),
        (lambda sshd: _encrypted(sshd, privateKeyPassword="opens"), None),
        (_other_key, "handshake failed: ssh: host key mismatch$"),
        (lambda sshd: sshd.connection(hostKey="SHA256:abc"), "^failed to parse host key: "),
        (_encrypted, "passphrase protected"),
        (lambda sshd: sshd.connection(privateKey="nonsense"), "^ssh: no key found$"),
        (
            lambda sshd: sshd.connection(user="nobody-here", dialErrorLimit=1),
            "^127.0.0.1:[0-9]*: after 2 failed attempts: .*unable to authenticate",
        ),
        (
            lambda sshd: sshd.connection(port=9, dialErrorLimit=1),
            "^127.0.0.1:9: after 2 failed attempts: .* connection refused$",
        ),
        (
            lambda sshd: sshd.connection(proxy=sshd.connection(port=9, dialErrorLimit=0)),
            "^proxy: 127.0.0.1:9: after 1 failed attempts: ",
        ),
        (lambda sshd: sshd.connection(agentSocketPath="/none"), "^dial unix /none: "),
    ],
)
def test_connecting(
    remote: Plugin, sshd: SshServer, connection: Callable[[SshServer], Values], message: str | None
) -> None:
    inputs: Values = {"connection": connection(sshd), "create": "echo ok"}
    if message is None:
        assert remote.create(inputs)[1]["stdout"] == "ok"
    else:
        assert re.search(message, error_of(lambda: remote.create(inputs)))


def test_the_agents_key(env: dict[str, str], sshd: SshServer) -> None:
    without_key = {**sshd.connection(), "privateKey": None}
    with sshd.agent() as socket:
        for more, connection in (
            ({}, {**without_key, "agentSocketPath": socket}),
            ({"SSH_AUTH_SOCK": socket}, without_key),
        ):
            with plugin("command", "command:remote:Command", env | more) as remote:
                inputs: Values = {"connection": connection, "create": "echo ok"}
                assert remote.create(inputs)[1]["stdout"] == "ok"


def test_no_secret_is_on_a_command_line_and_interruption_ends_it(remote: Plugin, sshd: SshServer) -> None:
    inputs: Values = {
        "connection": sshd.connection(),
        "create": "echo ready; exec sleep 30",
        "stdin": "hunter1",
        "environment": {"WHO": Secret("hunter2")},
    }
    running = remote.creating(inputs)
    remote.wait_for("ready")
    shown = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    assert "sleep 30" in shown
    assert "hunter" not in shown
    assert "PRIVATE KEY" not in shown
    started = time.monotonic()
    remote.cancel()
    assert 'running "echo ready' in error_of(lambda: running.result(timeout=30))
    assert time.monotonic() - started < 10


def test_interruption_ends_the_attempts_to_connect(remote: Plugin, sshd: SshServer) -> None:
    running = remote.creating({"connection": sshd.connection(port=9, dialErrorLimit=-1), "create": "true"})
    remote.wait_for("attempt 2 failed")
    remote.cancel()
    assert error_of(lambda: running.result(timeout=10)).endswith("context canceled")


def test_copying(copy: Plugin, sshd: SshServer, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "deep" / "empty").mkdir(parents=True)
    content = os.urandom(3_000_000)
    (source / "deep" / "a").write_bytes(content)
    (source / "link").symlink_to("deep/a")
    (tmp_path / "a.tgz").write_bytes(b"\x1f\x8bnot unpacked")
    target.mkdir()

    def put(what: Asset | Archive, where: str) -> None:
        copy.create({"connection": sshd.connection(), "source": what, "remotePath": str(target / where)})

    put(Asset(path=str(source / "deep" / "a")), "")
    put(Asset(path=str(source / "deep" / "a")), "new/renamed")
    put(Asset(text="text", hash="h"), "new/text")
    put(Asset(text="longer text before", hash="h"), "over")
    put(Asset(text="after", hash="h"), "over")
    put(Archive(path=str(source)), "")
    put(Archive(path=f"{source}/"), "content")
    put(Archive(path=str(tmp_path / "a.tgz")), "")
    found = {
        file.relative_to(target).as_posix(): file.read_bytes() for file in target.rglob("*") if file.is_file()
    }
    assert found == {
        "a": content,
        "new/renamed": content,
        "new/text": b"text",
        "over": b"after",
        "source/deep/a": content,
        "source/link": content,
        "content/deep/a": content,
        "content/link": content,
        "a.tgz": b"\x1f\x8bnot unpacked",
    }
    assert (target / "source" / "deep" / "empty").is_dir()
    for what, where, message in (
        (Asset(text="text", hash="h"), "", f"^remote path {target}: "),
        (Asset(path=str(tmp_path / "missing")), "", "/missing: no such file or directory$"),
        (Archive(path=str(source)), "a", "^mkdir .*/a: not a directory$"),
        (Archive(assets={"a": Asset(text="a")}), "", "^an archive has to be a file or folder on disk: "),
    ):
        assert re.search(message, error_of(lambda: put(what, where)))  # noqa: B023


def test_a_copy_is_made_again_only_if_something_was_moved(
    copy: Plugin, sshd: SshServer, tmp_path: Path
) -> None:
    given: Values = {
        "connection": sshd.connection(),
        "source": Asset(text="1", hash="h"),
        "remotePath": str(tmp_path / "x"),
    }
    old = copy.check(given)
    copy.update(old, old, {**old, "connection": sshd.connection(perDialTimeout=3)})
    copy.create(old, preview=True)
    assert not (tmp_path / "x").exists()
    copy.update(old, old, {**old, "source": Asset(text="2", hash="i")})
    assert (tmp_path / "x").read_text() == "2"
    copy.delete("i", old, old)
    assert (tmp_path / "x").exists()
    assert copy.changes(old, old, {**old, "triggers": [1]}) == {"triggers": "ADD_REPLACE"}


PROGRAM = """
import json, os, pulumi
from pulumi_command import local, remote

given = json.loads(os.environ["GIVEN"])
a = local.Command(
    "a",
    create=f"echo created >> {given['log']}; echo $PASS | tr a-z A-Z",
    update=f": {given['update']}; echo updated >> {given['log']}; echo $PULUMI_COMMAND_STDOUT",
    delete=f"echo deleted >> {given['log']}",
    environment={"PASS": pulumi.Output.secret("hunter2")},
    triggers=[given["trigger"]],
    logging=local.Logging.NONE,
    opts=pulumi.ResourceOptions(additional_secret_outputs=["stdout"]),
)
b = remote.Command(
    "b",
    connection=remote.ConnectionArgs(**given["connection"]),
    create=a.stdout.apply(lambda text: "cat"),
    stdin=a.stdout,
    triggers=[given["trigger"]],
    add_previous_output_in_env=False,
    logging=local.Logging.NONE,
    opts=pulumi.ResourceOptions(additional_secret_outputs=["stdout"]),
)
pulumi.export("a", a.stdout)
pulumi.export("b", b.stdout)
pulumi.export("run", local.run_output(command="echo plain").stdout)
"""


class _Project:
    """A program of its own under the real engine."""

    def __init__(self, embedded: Embedded, folder: Path, connection: Values) -> None:
        self.log = folder / "log"
        self.state = folder / "state"
        self.state.mkdir()
        self._embedded = Embedded(
            checkout=folder, env={**embedded.env, "PULUMI_BACKEND_URL": self.state.as_uri()}, stack="dev"
        )
        self._connection = connection
        (folder / "Pulumi.yaml").write_text("name: commands\nruntime: python\n")
        (folder / "__main__.py").write_text(PROGRAM)
        self.pulumi("stack", "init", "dev").ok()

    def pulumi(
        self, *arguments: str, update: Value = 1, trigger: Value = 1, connection: Values | None = None
    ) -> Result:
        given: Values = {"log": str(self.log), "update": update, "trigger": trigger}
        given["connection"] = connection or self._connection
        return self._embedded.pulumi(*arguments, env={"GIVEN": json.dumps(given)})


def _arguments(sshd: SshServer, **more: Value) -> Values:
    """The connection with the names Python uses."""
    names = {"privateKey": "private_key", "hostKey": "host_key", "dialErrorLimit": "dial_error_limit"}
    return {names.get(key, key): value for key, value in sshd.connection(**more).items()}


def test_under_the_real_engine(embedded: Embedded, sshd: SshServer, tmp_path: Path) -> None:
    assert sys.platform == "linux"
    project = _Project(embedded, tmp_path, _arguments(sshd))
    assert "+ 3 to create" in project.pulumi("preview", "--stack", "dev").ok().output
    assert not project.log.exists()
    up = ("up", "--yes", "--skip-preview", "--stack", "dev")
    first = project.pulumi(*up).ok().output
    assert "hunter2" not in first.lower()
    shown = json.loads(
        project.pulumi("stack", "output", "--json", "--show-secrets", "--stack", "dev").ok().output
    )
    assert shown == {"a": "HUNTER2", "b": "HUNTER2", "run": "plain"}
    state = "".join(file.read_text() for file in project.state.rglob("*.json"))
    assert "hunter2" not in state.lower()
    assert "PRIVATE KEY" not in state
    assert "3 unchanged" in project.pulumi(*up).ok().output
    project.pulumi(*up, update=2).ok()
    changed = project.pulumi("preview", "--diff", "--stack", "dev", update=2, trigger=2).ok().output
    assert "command:local:Command: (replace)" in changed
    assert "command:remote:Command: (replace)" in changed
    project.pulumi(*up, update=2, trigger=2).ok()
    assert project.log.read_text().split() == ["created", "updated", "created", "deleted"]
    failed = project.pulumi(
        *up, update=2, trigger=[2], connection=_arguments(sshd, port=9, dialErrorLimit=0)
    ).failed()
    assert "127.0.0.1:9: after 1 failed attempts" in failed.output
    project.pulumi("destroy", "--yes", "--skip-preview", "--stack", "dev").ok()
    assert project.log.read_text().split()[4:] == ["created", "deleted", "deleted"]
