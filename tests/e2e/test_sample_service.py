"""The sample service against a real Postgres and a real Redis, which come and go."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from .servers import PASSWORD, Server, eventually, free_port, postgres_server, program

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]


@pytest.fixture
def postgres() -> Iterator[Server]:
    with postgres_server("127.0.0.1") as server:
        yield server


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
