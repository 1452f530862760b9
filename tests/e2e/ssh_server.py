"""A real sshd on a loopback port, its configuration and keys in a folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path

from tests.e2e.plugin_values import Value, Values

_CONFIG = """Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile {folder}/pid
AuthorizedKeysFile {folder}/authorized
PermitRootLogin yes
PasswordAuthentication no
UsePAM no
StrictModes no
AcceptEnv WHO
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True, kw_only=True)
class SshServer:
    folder: Path
    port: int

    def connection(self, **more: Value) -> Values:
        """A `connection` that gets in."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": getuser(),
            "privateKey": (self.folder / "user").read_text(),
            "hostKey": (self.folder / "host.pub").read_text(),
            **more,
        }

    @contextmanager
    def agent(self) -> Iterator[str]:
        """An SSH agent that holds the user's key, as the path of its socket."""
        socket_ = self.folder / "agent"
        process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket_)], stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 10
            while not socket_.exists():
                assert time.monotonic() < deadline, "ssh-agent did not start"
                time.sleep(0.05)
            env = {**os.environ, "SSH_AUTH_SOCK": str(socket_)}
            subprocess.run(["ssh-add", "-q", str(self.folder / "user")], env=env, check=True)
            yield str(socket_)
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def ssh_server(folder: Path) -> Iterator[SshServer]:
    """Run sshd for as long as the block takes. Needs Debian's openssh-server."""
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "there is no sshd: these tests need it (apt-get install openssh-server)"
    if os.geteuid() == 0:
        # Where sshd leaves its rights behind; Debian's service would make it.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    for name in ("host", "user"):
        key = str(folder / name)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key], check=True)
    shutil.copy(folder / "user.pub", folder / "authorized")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "config").write_text(_CONFIG.format(port=port, folder=folder))
    log = folder / "log"
    command = [program, "-D", "-E", str(log), "-f", str(folder / "config")]
    process = subprocess.Popen(command)
    try:
        _wait(process, port, log)
        yield SshServer(folder=folder, port=port)
    finally:
        process.terminate()
        process.wait(10)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            ended = process.poll() is not None or time.monotonic() > deadline
            assert not ended, f"sshd did not start:\n{log.read_text() if log.exists() else ''}"
            time.sleep(0.05)
        else:
            return
