"""What the checks before `up` say."""

import socket
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from local import docker, preflight
from local.paths import Paths


def said(problems: Iterable[preflight.Problem]) -> list[str]:
    return [str(problem) for problem in problems]


@pytest.mark.parametrize("version", ["go1.26", "go1.26.8", "go1.30.1", "go2.0"])
def test_new_enough_go(version: str) -> None:
    assert said(preflight.go_problems(version)) == []


@pytest.mark.parametrize(
    ("version", "what"),
    [
        (None, "Go is not installed."),
        ("go1.25.9", "Go is too old: go1.25.9."),
        ("go1.9", "Go is too old: go1.9."),
    ],
)
def test_missing_or_old_go(version: str | None, what: str) -> None:
    remedy = "Install Go 1.26 or newer (https://go.dev/dl) and put it on PATH."
    assert said(preflight.go_problems(version)) == [f"{what}\n  → {remedy}"]


def test_disk_space() -> None:
    assert said(preflight.disk_problems(15.0, cold=True)) == []
    assert said(preflight.disk_problems(3.0, cold=False)) == []
    assert said(preflight.disk_problems(14.94, cold=True)) == [
        "Not enough disk space: 14.9 GB free, about 15 GB needed.\n"
        "  → Free some, or put state (GOSERVICE_HOME) and cache (XDG_CACHE_HOME) elsewhere."
    ]


def test_root_or_sudo() -> None:
    assert said(preflight.root_problems(0, lambda: False)) == []
    assert said(preflight.root_problems(1000, lambda: True)) == []
    assert said(preflight.root_problems(1000, lambda: False)) == [
        "Debian packages or a Docker engine are missing, and this user has neither root nor sudo.\n"
        "  → Run this as root or with passwordless sudo, or install git and start a Docker engine."
    ]


def test_a_state_directory_too_deep_for_sockets(tmp_path: Path) -> None:
    assert said(preflight.path_problems(Paths(cache=tmp_path, state=Path("/state")))) == []
    deep = Path("/" + "d" * 80)
    assert said(preflight.path_problems(Paths(cache=tmp_path, state=deep))) == [
        f"The state directory's path is too long for sockets: {deep}.\n"
        "  → Set GOSERVICE_HOME to a shorter path."
    ]


def test_a_remote_engine() -> None:
    assert said(preflight.engine_problems({"DOCKER_HOST": "tcp://build:2375"})) == [
        "DOCKER_HOST=tcp://build:2375 is not on this machine, where the registry and the node run.\n"
        "  → Unset DOCKER_HOST or set it to a unix:// socket."
    ]


def test_an_engine_that_does_not_answer(tmp_path: Path) -> None:
    host = f"unix://{tmp_path}/docker.sock"
    assert said(preflight.engine_problems({"DOCKER_HOST": host})) == [
        f"No Docker engine answers at DOCKER_HOST={host}.\n"
        "  → Start that engine, or unset DOCKER_HOST to get one of our own."
    ]


def test_an_engine_without_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> str | None:
        raise PermissionError

    monkeypatch.setattr(docker, "version", refuse)
    assert said(preflight.engine_problems({})) == [
        "No permission to use the Docker engine at /var/run/docker.sock.\n"
        "  → Join its group (`sudo usermod -aG docker $USER`, then log in again) or run this as root."
    ]


def test_ports_in_use_are_named_together() -> None:
    assert said(preflight.describe_ports({})) == []
    assert said(preflight.describe_ports({5000: "registry (process 7)", 6443: "another program"})) == [
        "Ports on 127.0.0.1 are in use: 5000 by registry (process 7), 6443 by another program.\n"
        "  → Stop what uses them: the registry needs 5000, the Kubernetes node 6443 and 30080 to 30089."
    ]


def test_the_program_behind_a_port_is_found() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        name = Path("/proc/self/comm").read_text().strip()
        pid = Path("/proc/self").resolve().name
        assert preflight.listener(port) == f"{name} (process {pid})"
    assert preflight.listener(port) == "another program"
