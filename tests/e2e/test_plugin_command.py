"""The command plugin against a real sshd, and under the real engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from local.plugins.base import Archive, Asset, Secret, Value, Values
from tests.e2e.conftest import Embedded, Result
from tests.e2e.plugin_process import Plugin, PluginFailure, plugin
from tests.e2e.ssh_server import SshServer, ssh_server

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with ssh_server(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def remote() -> Iterator[Plugin]:
    env = {key: value for key, value in os.environ.items() if key != "SSH_AUTH_SOCK"}
    with plugin("command", "command:remote:Command", env) as made:
        yield made


def test_a_remote_command_and_its_output(remote: Plugin, sshd: SshServer) -> None:
    inputs: Values = {
        "connection": sshd.connection(),
        "create": "cat; echo $WHO; echo err >&2",
        "stdin": "in\n",
        "environment": {"WHO": "me"},
    }
    id_, outputs = remote.create(inputs)
    assert id_.startswith("thing")
    assert (outputs["stdout"], outputs["stderr"]) == (Secret("in\nme"), Secret("err"))
    assert sorted(remote.logs) == ["err", "in", "me"]
    assert isinstance(outputs["connection"], Secret)


def test_what_sshd_does_not_accept(remote: Plugin, sshd: SshServer) -> None:
    inputs: Values = {"connection": sshd.connection(), "create": "true", "environment": {"OTHER": "x"}}
    with pytest.raises(
        PluginFailure, match="environment: the SSH server drops OTHER: allow it with AcceptEnv"
    ):
        remote.create(inputs)


def test_failures(remote: Plugin, sshd: SshServer) -> None:
    with pytest.raises(
        PluginFailure, match=r'^Process exited with status 3: running "echo why >&2; exit 3":\nwhy$'
    ):
        remote.create({"connection": sshd.connection(), "create": "echo why >&2; exit 3"})
    with pytest.raises(PluginFailure, match=r"^Process was killed by SIGKILL: running"):
        remote.create({"connection": sshd.connection(), "create": "kill -9 $$"})
    other = (sshd.folder / "user.pub").read_text()
    with pytest.raises(PluginFailure, match="the server's host key is not the one in hostKey"):
        remote.create({"connection": sshd.connection(hostKey=other), "create": "true"})
    nobody = sshd.connection(user="nobody-here", dialErrorLimit=1)
    with pytest.raises(
        PluginFailure, match="cannot connect after 2 attempts: the server refuses user, key and"
    ):
        remote.create({"connection": nobody, "create": "true"})
    nowhere = sshd.connection(port=9, dialErrorLimit=1)
    with pytest.raises(
        PluginFailure, match=r"@127.0.0.1:9: cannot connect after 2 attempts: Connection refused"
    ):
        remote.create({"connection": nowhere, "create": "true"})


def test_through_itself_as_a_proxy(remote: Plugin, sshd: SshServer) -> None:
    connection = sshd.connection(proxy=sshd.connection())
    assert remote.create({"connection": connection, "create": "echo ok"})[1]["stdout"] == Secret("ok")


def test_no_secret_is_on_a_command_line(remote: Plugin, sshd: SshServer) -> None:
    inputs: Values = {
        "connection": sshd.connection(),
        "create": "echo ready; sleep 3",
        "stdin": "hunter1",
        "environment": {"WHO": Secret("hunter2")},
    }
    running = remote.creating(inputs)
    remote.wait_for("ready")
    shown = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    assert "sleep 3" in shown
    assert "hunter" not in shown
    assert "PRIVATE KEY" not in shown
    running.result(timeout=10)


def test_interruption_does_not_wait_for_the_remote_command(remote: Plugin, sshd: SshServer) -> None:
    running = remote.creating({"connection": sshd.connection(), "create": "echo ready; exec sleep 30"})
    remote.wait_for("ready")
    started = time.monotonic()
    remote.cancel()
    with pytest.raises(grpc.RpcError) as error:
        running.result(timeout=30)
    assert str(error.value.details()).startswith("interrupted")  # pyright: ignore[reportAttributeAccessIssue]
    assert time.monotonic() - started < 10


def test_copying(sshd: SshServer, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "a").write_bytes(os.urandom(3_000_000))
    target.mkdir()
    with plugin("command", "command:remote:CopyToRemote", os.environ) as copy:
        common: Values = {"connection": sshd.connection()}
        copy.create({**common, "source": Archive(path=str(source)), "remotePath": str(target)})
        copy.create({**common, "source": Asset(text="text"), "remotePath": str(target / "text")})
        with pytest.raises(PluginFailure, match=r"^remotePath '.*/none/x': No such file"):
            copy.create({**common, "source": Asset(text="text"), "remotePath": str(target / "none" / "x")})
    assert (target / "source" / "deep" / "a").read_bytes() == (source / "deep" / "a").read_bytes()
    assert (target / "text").read_text() == "text"


PROGRAM = """
import json, os, pulumi
from pulumi_command import local, remote

given = json.loads(os.environ["GIVEN"])
a = local.Command(
    "a",
    create=f"echo created >> {given['log']}; echo $PASS | tr a-z A-Z",
    update=f"echo updated >> {given['log']}; echo $PULUMI_COMMAND_STDOUT",
    delete=f"echo deleted >> {given['log']}",
    environment={"PASS": pulumi.Output.secret("hunter2")},
    triggers=[given["trigger"]],
    logging=local.Logging.NONE,
)
b = remote.Command(
    "b",
    connection=remote.ConnectionArgs(**given["connection"]),
    create=a.stdout.apply(lambda text: "cat"),
    stdin=a.stdout,
    triggers=[given["trigger"]],
    add_previous_output_in_env=False,
    logging=local.Logging.NONE,
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

    def pulumi(self, *arguments: str, trigger: Value = 1, connection: Values | None = None) -> Result:
        given = {"log": str(self.log), "trigger": trigger, "connection": connection or self._connection}
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
    changed = project.pulumi("preview", "--diff", "--stack", "dev", trigger=2).ok().output
    assert "command:local:Command: (update)" in changed
    assert "command:remote:Command: (replace)" in changed
    project.pulumi(*up, trigger=2).ok()
    failed = project.pulumi(*up, trigger=3, connection=_arguments(sshd, port=9, dialErrorLimit=0)).failed()
    assert "127.0.0.1:9: cannot connect after 1 attempts" in failed.output
    project.pulumi("refresh", "--yes", "--skip-preview", "--stack", "dev", trigger=2).ok()
    project.pulumi("destroy", "--yes", "--skip-preview", "--stack", "dev", trigger=2).ok()
    assert project.log.read_text().split() == ["created", "updated", "updated", "deleted"]
