# ruff: noqa: E501 - exact messages
"""The command plugin over SSH, against a small server in this process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
import pytest

from local.plugins.base import Archive, Asset, PluginError, Secret, Value, Values
from local.plugins.command import Command
from local.plugins.command_inputs import COPY, REMOTE
from tests.local.plugin_calls import Said, context

PROVIDER = Command()
KEY = asyncssh.generate_private_key("ssh-ed25519")
PRIVATE = KEY.export_private_key().decode()
ACCEPTED = {"WHO", "PULUMI_COMMAND_STDOUT"}


@dataclass
class Server:
    """A server that runs commands with /bin/sh, and takes only the variables in ACCEPTED."""

    host_key: asyncssh.SSHKey
    port: int = 0
    attempts: int = 0
    refuse_first: int = 0
    signals: list[str] = field(default_factory=list[str])

    def connection(self, **more: Value) -> Values:
        public = self.host_key.export_public_key().decode().strip()
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": "deploy",
            "privateKey": PRIVATE,
            "hostKey": public,
            **more,
        }


class _Login(asyncssh.SSHServer):
    def __init__(self, server: Server) -> None:
        self._server = server
        server.attempts += 1

    def begin_auth(self, username: str) -> bool:
        if self._server.attempts <= self._server.refuse_first:
            raise asyncssh.ServiceNotAvailable("still starting")
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("deploy", "hunter2")

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        return True


async def _serve(server: Server, ready: threading.Event, stop: threading.Event) -> None:
    async def handle(process: asyncssh.SSHServerProcess[str]) -> None:
        env = {key: value for key, value in process.env.items() if key in ACCEPTED}
        child = await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            process.command or "",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": os.environ["PATH"], **env},
        )
        given = await process.stdin.read()
        ending = asyncio.create_task(child.communicate(given.encode()))
        while not ending.done():
            await asyncio.wait([ending], timeout=0.05)
            if process.channel.is_closing() and not ending.done():
                child.kill()
        stdout, stderr = await ending
        process.stdout.write(stdout.decode())
        process.stderr.write(stderr.decode())
        process.exit(child.returncode or 0)

    listener = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=lambda: _Login(server),
        server_host_keys=[server.host_key],
        authorized_client_keys=asyncssh.import_authorized_keys(KEY.export_public_key().decode()),
        process_factory=handle,
        sftp_factory=True,
    )
    server.port = listener.get_port()
    ready.set()
    await asyncio.to_thread(stop.wait)
    listener.close()
    await listener.wait_closed()


@pytest.fixture(scope="module")
def shared() -> Iterator[Server]:
    server = Server(asyncssh.generate_private_key("ssh-ed25519"))
    ready, stop = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(server, ready, stop)))
    thread.start()
    assert ready.wait(10)
    yield server
    stop.set()
    thread.join()


@pytest.fixture
def server(shared: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    shared.attempts = shared.refuse_first = 0
    return shared


def _create(inputs: Values) -> tuple[Values, Said]:
    ctx, said = context(REMOTE)
    checked, failures = PROVIDER.check(ctx, {}, inputs, b"", None)
    assert failures == []
    return PROVIDER.create(ctx, checked)[1], said


def test_output_stdin_and_environment(server: Server) -> None:
    outputs, said = _create(
        {
            "connection": server.connection(),
            "create": "cat; echo $WHO; echo err >&2",
            "stdin": "in\n",
            "environment": {"WHO": "me"},
            "logging": "stdout",
        }
    )
    assert outputs["stdout"] == Secret("in\nme")
    assert outputs["stderr"] == Secret("err")
    assert said.logs == [("info", "in"), ("info", "me")]


def test_a_failure_names_status_command_and_output(server: Server) -> None:
    with pytest.raises(PluginError) as error:
        _create({"connection": server.connection(), "create": "echo why >&2; exit 3"})
    assert str(error.value) == 'Process exited with status 3: running "echo why >&2; exit 3":\nwhy'


def test_a_variable_the_server_drops_is_an_error_or_a_warning(server: Server) -> None:
    with pytest.raises(
        PluginError, match=r"^environment: the SSH server drops OTHER: allow it with AcceptEnv"
    ):
        _create({"connection": server.connection(), "create": "true", "environment": {"OTHER": "x"}})
    ctx, said = context(REMOTE)
    inputs: Values = {
        "connection": server.connection(),
        "create": "true",
        "update": "echo $PULUMI_COMMAND_STDOUT",
    }
    outputs = PROVIDER.update(ctx, "i", inputs, {"stdout": "before", "stderr": "e"}, inputs)
    assert outputs["stdout"] == "before"
    assert [line for severity, line in said.logs if severity == "warning"] == [
        "the SSH server drops PULUMI_COMMAND_STDERR: allow it with AcceptEnv in the server's sshd_config, or set "
        "addPreviousOutputInEnv to false"
    ]


def test_password_and_encrypted_key(server: Server) -> None:
    by_password = {**server.connection(password="hunter2"), "privateKey": None}
    assert _create({"connection": by_password, "create": "echo ok"})[0]["stdout"] == Secret("ok")
    encrypted = KEY.export_private_key("pkcs8-pem", passphrase="opens").decode()
    good = server.connection(privateKey=encrypted, privateKeyPassword="opens")
    assert _create({"connection": good, "create": "echo ok"})[0]["stdout"] == Secret("ok")
    for private, reason in ((encrypted, "Passphrase must be specified"), ("nonsense", "Invalid")):
        with pytest.raises(PluginError, match=rf"^privateKey cannot be read: {reason}.* If it is encrypted"):
            _create({"connection": server.connection(privateKey=private), "create": "true"})


def test_a_refused_login_says_so(server: Server) -> None:
    wrong = {**server.connection(password="wrong", dialErrorLimit=0), "privateKey": None}
    with pytest.raises(PluginError) as error:
        _create({"connection": wrong, "create": "true"})
    assert str(error.value) == (
        f"deploy@127.0.0.1:{server.port}: cannot connect after 1 attempts: the server refuses user, key and password"
    )
    assert "wrong" not in str(error.value)


def test_the_host_key_is_checked_and_a_mismatch_is_not_tried_again(server: Server) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    with pytest.raises(PluginError, match="the server's host key is not the one in hostKey"):
        _create({"connection": server.connection(hostKey=other), "create": "true"})
    assert server.attempts == 1
    scanned = f"127.0.0.1 {server.host_key.export_public_key().decode()}"
    for trusted in (scanned, ""):
        outputs, _ = _create({"connection": server.connection(hostKey=trusted), "create": "echo ok"})
        assert outputs["stdout"] == Secret("ok")
    with pytest.raises(PluginError, match=r"^hostKey is not a public key such as"):
        _create({"connection": server.connection(hostKey="SHA256:abc"), "create": "true"})


def test_connecting_is_tried_again(server: Server) -> None:
    server.refuse_first = 2
    outputs, said = _create({"connection": server.connection(), "create": "echo ok"})
    assert outputs["stdout"] == Secret("ok")
    assert [text.split(" failed")[0] for text in said.statuses] == [
        f"connecting to deploy@127.0.0.1:{server.port}, attempt 1",
        f"connecting to deploy@127.0.0.1:{server.port}, attempt 2",
    ]
    server.attempts, server.refuse_first = 0, 99
    with pytest.raises(PluginError, match=rf"127.0.0.1:{server.port}: cannot connect after 3 attempts: "):
        _create({"connection": server.connection(dialErrorLimit=2), "create": "true"})


def test_through_a_proxy(server: Server) -> None:
    proxied = server.connection(proxy=server.connection())
    assert _create({"connection": proxied, "create": "echo ok"})[0]["stdout"] == Secret("ok")
    assert server.attempts == 2


def test_interruption(server: Server) -> None:
    cancelled = threading.Event()
    ctx, _ = context(REMOTE, cancelled=cancelled)
    threading.Timer(0.5, cancelled.set).start()
    with pytest.raises(PluginError, match=r"^interrupted: running"):
        PROVIDER.create(ctx, {"connection": server.connection(), "create": "exec sleep 1"})


def test_copying(server: Server, tmp_path: Path) -> None:
    ctx, _ = context(COPY)
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    (source / "a").write_text("a")
    (source / "deep" / "b").write_bytes(b"\0b")
    target = tmp_path / "target"
    target.mkdir()

    def copy(what: Asset | Archive, where: Path) -> None:
        PROVIDER.create(ctx, {"connection": server.connection(), "source": what, "remotePath": str(where)})

    copy(Asset(path=str(source / "a")), target)
    copy(Asset(path=str(source / "a")), target / "renamed")
    copy(Asset(text="text"), target / "text")
    copy(Archive(path=str(source)), target)
    copy(Archive(path=f"{source}/"), target / "content")
    found = {
        file.relative_to(target).as_posix(): file.read_bytes() for file in target.rglob("*") if file.is_file()
    }
    assert found == {
        "a": b"a",
        "renamed": b"a",
        "text": b"text",
        "source/a": b"a",
        "source/deep/b": b"\0b",
        "content/a": b"a",
        "content/deep/b": b"\0b",
    }
    with pytest.raises(PluginError, match="is a folder: a text needs the path of a file"):
        copy(Asset(text="text"), target)
    with pytest.raises(PluginError, match=r"^remotePath '.*/none/x': No such file"):
        copy(Asset(text="text"), target / "none" / "x")
    with pytest.raises(PluginError, match=r"^source: .*No such file"):
        copy(Asset(path=str(tmp_path / "missing")), target)
    with pytest.raises(PluginError, match="exists on the machine, and is not a folder"):
        copy(Archive(path=str(source)), target / "a")


def test_a_copy_is_only_made_again_if_something_was_moved(server: Server, tmp_path: Path) -> None:
    ctx, _ = context(COPY)
    old: Values = {
        "connection": server.connection(),
        "source": Asset(text="1", hash="h"),
        "remotePath": str(tmp_path / "x"),
    }
    PROVIDER.update(
        ctx, "i", old, old, {**old, "connection": server.connection(user="deploy", perDialTimeout=3)}
    )
    assert not (tmp_path / "x").exists()
    PROVIDER.update(ctx, "i", old, old, {**old, "source": Asset(text="2", hash="i")})
    assert (tmp_path / "x").read_text() == "2"
    PROVIDER.delete(ctx, "i", old, old)
    assert (tmp_path / "x").exists()
