"""The gate in a process of its own, as Pulumi runs it, in real time."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gate.simulated_gate import REQUEST
from tests.support import simulated_cluster as simulated
from tests.support.stack_config import ROOT


def test_the_gate_does_without_pulumi() -> None:
    """It starts in a tenth of the time, and wherever there is Python."""
    code = (
        "import sys, components.gate.gate\n"
        "own = {m.partition('.')[0] for m in sys.modules} - set(sys.stdlib_module_names)\n"
        "print(sorted(name for name in own if not name.startswith('_')))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "['components']\n"


class Process:
    """The gate as Pulumi runs it, with a kubectl on PATH whose cluster is in a file, in real time."""

    def __init__(self, directory: Path) -> None:
        self._state = directory / "state.json"
        self._state.write_text(json.dumps(simulated.cluster(start_seconds=0) | {"interval": 1}))
        kubectl = directory / "kubectl"
        kubectl.write_text(
            f"#!{sys.executable} -SE\n"
            f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
            "from pathlib import Path\n"
            "from tests.support.simulated_cluster import main\n"
            f"sys.exit(main(Path({str(self._state)!r})))\n"
        )
        kubectl.chmod(0o755)
        python = directory / "python3"
        python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
        python.chmod(0o755)
        self._started: list[subprocess.Popen[str]] = []
        self._path = str(directory)

    def start(self, command: str = "exec python3 -m components.gate", **plan: Any) -> subprocess.Popen[str]:
        running = subprocess.Popen(
            ["/bin/sh", "-c", command],
            cwd=ROOT,
            env={"PATH": self._path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(running)
        assert running.stdin
        running.stdin.write(json.dumps(REQUEST | {"plan": REQUEST["plan"] | plan}))
        running.stdin.close()
        running.stdin = None
        return running

    @property
    def state(self) -> simulated.State:
        return json.loads(self._state.read_text())

    @property
    def verdict(self) -> str:
        note = self.state["deployments"]["shop-canary"]["metadata"]["annotations"].get("goservice/record")
        return json.loads(note)["verdict"] if note else ""

    def wait(self, reached: Callable[[], bool]) -> None:
        end = time.monotonic() + 10
        while not reached():
            assert time.monotonic() < end, self.state["scaled"]
            time.sleep(0.02)

    def end(self) -> None:
        for running in self._started:
            running.kill()
            for stream in (running.stdout, running.stderr):
                if stream:
                    stream.close()
            running.wait()


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path)
    yield process
    process.end()


def warming_up(running: subprocess.Popen[str]) -> None:
    """Waits for the line that says so."""
    assert running.stderr
    assert running.stderr.readline().startswith("canary is ready with 10 % of pods; warming up ")


def test_a_whole_trial_in_a_process_of_its_own(process: Process) -> None:
    running = process.start(analysis=1, interval=1, warmup=0)
    out, err = running.communicate(timeout=20)
    assert running.returncode == 0, err
    assert json.loads(out)["verdict"] == process.verdict == "promoted"
    assert err.splitlines()[-1] == "passed 1 samples; the stable track follows"
    assert process.state["scaled"] == [["shop-canary", 1], ["shop-canary", 0]]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_trial(process: Process, number: signal.Signals) -> None:
    running = process.start()
    warming_up(running)
    running.send_signal(number)
    out, err = running.communicate(timeout=20)
    assert (running.returncode, out) == (130, "")
    assert err == (
        f"INTERRUPTED: {number.name}; the canary is scaled to 0, and the stable track still serves v1\n"
    )
    assert process.state["scaled"] == [["shop-canary", 1], ["shop-canary", 0]]
    assert process.verdict == "interrupted"


def test_signals_after_the_first_change_nothing(process: Process) -> None:
    running = process.start()
    warming_up(running)
    for _ in range(20):
        running.send_signal(signal.SIGTERM)
        time.sleep(0.005)
    _, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert "Traceback" not in err
    assert process.state["scaled"][-1] == ["shop-canary", 0]
    assert process.verdict == "interrupted"


def test_a_shell_that_is_killed_ends_the_trial(process: Process) -> None:
    running = process.start("python3 -m components.gate; exit $?", warmup=0, interval=1)
    warming_up(running)
    running.kill()
    running.wait()
    process.wait(lambda: process.verdict == "interrupted")
    assert process.state["scaled"] == [["shop-canary", 1], ["shop-canary", 0]]


def test_when_nobody_reads_its_output_the_trial_ends(process: Process) -> None:
    running = process.start(analysis=60, interval=1, warmup=0)
    assert running.stderr
    running.stderr.readline()
    running.stderr.close()
    running.stderr = None
    running.communicate(timeout=20)
    assert running.returncode == 130
    assert process.state["scaled"] == [["shop-canary", 1], ["shop-canary", 0]]
    assert process.verdict == "interrupted"


def test_without_kubectl_the_reason_is_said(process: Process, tmp_path: Path) -> None:
    (tmp_path / "kubectl").unlink()
    running = process.start()
    out, err = running.communicate(timeout=20)
    assert (running.returncode, out) == (1, "")
    assert err == "error: kubectl was not found; install it and put it on PATH\n"
