"""The sample service against a real Postgres and a real Redis, which come and go."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
PASSWORD = "s3cret-of-the-test"


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


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Server]:
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
    port = free_port()
    server = Server(
        [
            program("postgres", "postgresql", *places),
            "-D",
            str(data),
            "-p",
            str(port),
            "-h",
            "127.0.0.1",
            "-k",
            "",
        ],
        port,
        home,
        user,
        stop_signal=signal.SIGINT,  # Postgres ends its sessions on this one; on SIGTERM it waits for them
    )
    server.start()
    yield server
    server.stop()
    shutil.rmtree(home)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Server]:
    port, home = free_port(), tmp_path / "redis"
    home.mkdir()
    (home / "redis.conf").write_text(f"port {port}\nbind 127.0.0.1\nrequirepass {PASSWORD}\nsave ''\n")
    server = Server([program("redis-server", "redis-server"), str(home / "redis.conf")], port, home)
    server.start()
    yield server
    server.stop()


def test_readiness_follows_real_dependencies(postgres: Server, redis: Server, tmp_path: Path) -> None:
    binary, home, port = tmp_path / "server", tmp_path / "sample", free_port()
    home.mkdir()
    subprocess.run(["go", "build", "-o", binary, "./cmd/server"], cwd=ROOT / "app", check=True)
    service = Server(
        [str(binary)],
        port,
        home,
        env={
            "PORT": str(port),
            "DATABASE_URL": f"postgres://sample:{PASSWORD}@127.0.0.1:{postgres.port}/postgres",
            "REDIS_URL": f"redis://:{PASSWORD}@127.0.0.1:{redis.port}/0",
        },
    )
    service.start()
    seen: list[str] = []

    def ready(status: int, **checks: str) -> bool:
        answer = httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=5)
        seen.append(answer.text)
        return answer.status_code == status and answer.json()["checks"] == checks

    eventually(lambda: ready(200, postgres="ok", redis="ok"), "ready")
    redis.stop()
    eventually(
        lambda: ready(503, postgres="ok", redis="Redis cannot be used: connection refused"), "no Redis"
    )
    postgres.stop()
    eventually(
        lambda: ready(
            503,
            postgres="Postgres cannot be used: connection refused",
            redis="Redis cannot be used: connection refused",
        ),
        "neither",
    )
    assert httpx.get(f"http://127.0.0.1:{port}/health/live").status_code == 200
    postgres.start()
    redis.start()
    eventually(lambda: ready(200, postgres="ok", redis="ok"), "ready again")
    assert service.stop() == 0
    log = (home / "log").read_text()
    assert "every request was answered" in log
    assert PASSWORD not in log + "".join(seen)
