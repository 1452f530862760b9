"""Interrupting `make up`, and removing all of it. Runs last: nothing is left for others."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from .conftest import PORT, UP_SECONDS, Embedded

pytestmark = pytest.mark.e2e


def leftovers(embedded: Embedded) -> list[str]:
    """What of ours is still there: state, containers, volumes, networks, listening ports."""
    found = [str(path) for path in (Path(embedded.env["PULUMI_HOME"]).parent,) if path.exists()]
    for port in (5000, 6443, PORT):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                found.append(f"port {port}")
    engine = subprocess.run(["docker", "info"], env=embedded.env, capture_output=True, check=False)
    if engine.returncode == 0:
        for listing in (
            ("ps", "--all", "--format", "{{.Names}}"),
            ("volume", "ls", "--format", "{{.Name}}"),
            ("network", "ls", "--format", "{{.Name}}"),
        ):
            names = embedded.run("docker", *listing).ok().output.split()
            found += [name for name in names if "goservice" in name]
    return found


def test_a_second_up_at_the_same_time_is_refused(embedded: Embedded) -> None:
    first = subprocess.Popen(
        [sys.executable, "-m", "local", "up", "--stack", "dev"],
        cwd=embedded.checkout,
        env=embedded.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        time.sleep(2)
        second = embedded.make("up").failed()
        assert str(first.pid) in second.output
    finally:
        output, _ = first.communicate(timeout=300)
    assert first.returncode == 0, output


def test_down_leaves_nothing(embedded: Embedded) -> None:
    embedded.make("down").ok()
    assert leftovers(embedded) == []
    assert not embedded.run("git", "status", "--porcelain").ok().output


def test_a_port_in_use_is_named_before_anything_starts(embedded: Embedded) -> None:
    with closing(socket.create_server(("127.0.0.1", 5000))):
        shown = embedded.make("up").failed().output
    assert "5000" in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize("seconds", [3, 15, 40])
def test_an_interrupted_up_goes_on_where_it_was(embedded: Embedded, seconds: int) -> None:
    process = subprocess.Popen(
        ["make", "up", f"VENV={sys.prefix}"],
        cwd=embedded.checkout,
        env=embedded.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    time.sleep(seconds)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does on Ctrl-C
    output, _ = process.communicate(timeout=120)
    assert "Traceback" not in output, output
    embedded.make("up", timeout=UP_SECONDS).ok()
    assert "sample" in embedded.get("/")


def test_down_again_leaves_nothing(embedded: Embedded) -> None:
    embedded.make("down").ok()
    assert leftovers(embedded) == []
    again = embedded.make("down")
    assert again.code == 0, again.output
