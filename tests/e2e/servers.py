"""Servers that the sample service depends on: real ones, which come and go."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "s3cret-of-the-test"
_NETWORKS = ("172.16.0.0/12", "10.0.0.0/8")  # of containers and pods


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(name: str, package: str, *places: Path) -> str:
    """Path of a program. Fails, rather than skips, where it is missing: CI must not pass without it."""
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *map(str, places)]))
    assert found, f"{name} is missing; install it: apt-get install {package}"
    return found


def eventually(check: Callable[[], bool], what: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)


def listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Server:
    """A server process that can be stopped and started again."""

    command: list[str]
    port: int
    cwd: Path
    user: str | None = None
    env: dict[str, str] | None = None
    stop_signal: signal.Signals = signal.SIGTERM

    def start(self) -> None:
        with (self.cwd / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                user=self.user,
                env=os.environ | (self.env or {}),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        eventually(lambda: listens(self.port), f"{self.command[0]} listens")

    def stop(self) -> int:
        self.process.send_signal(self.stop_signal)
        return self.process.wait(timeout=20)


@contextmanager
def postgres_server(*addresses: str) -> Iterator[Server]:
    """A Postgres of its own, which listens on these addresses. Its user is `sample`."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    user = "postgres" if os.geteuid() == 0 else None
    # Outside pytest's own folder, which only its owner may enter.
    home = Path(subprocess.run(["mktemp", "-d"], check=True, capture_output=True, text=True).stdout.strip())
    data, secret = home / "data", home / "password"
    secret.write_text(PASSWORD)
    if user:
        for path in (home, secret):
            shutil.chown(path, user)
    initdb = program("initdb", "postgresql", *places)
    subprocess.run(
        [initdb, "-D", data, "-U", "sample", "-A", "scram-sha-256", f"--pwfile={secret}"],
        user=user,
        cwd=home,
        check=True,
        capture_output=True,
    )
    with (data / "pg_hba.conf").open("a") as file:
        file.writelines(f"host all all {network} scram-sha-256\n" for network in _NETWORKS)
    port, postgres = free_port(), program("postgres", "postgresql", *places)
    server = Server(
        [postgres, "-D", str(data), "-p", str(port), "-h", ",".join(addresses), "-k", ""],
        port,
        home,
        user,
        stop_signal=signal.SIGINT,  # Postgres ends its sessions on this one; on SIGTERM it waits for them
    )
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(home)
