"""Child processes: output, failure, cancellation, and the lock against a second run."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

import pytest

from local import foreground
from local.bringup import lock
from local.process import CommandError, Runner, StoppedError
from local.steps import StepError


def test_output_goes_to_the_caller_line_by_line_and_to_the_log(tmp_path: Path) -> None:
    lines: list[str] = []
    log = tmp_path / "logs/x.log"
    said = Runner(env={"WHO": "me"}).run(
        ["sh", "-c", "echo $WHO $WHAT; echo two >&2"], env={"WHAT": "here"}, log=log, on_line=lines.append
    )
    assert said == "me here\ntwo"
    assert lines == ["me here", "two"]
    assert log.read_text() == "me here\ntwo\n"


def test_input_is_fed() -> None:
    def write(sink: IO[bytes]) -> None:
        sink.write(b"a")
        sink.write(b"b")

    assert Runner().run(["cat"], feed=b"ab") == "ab"
    assert Runner().run(["cat"], feed=write) == "ab"
    assert Runner().run(["cat"]) == ""


def test_a_command_that_does_not_read_its_input_is_no_failure() -> None:
    assert Runner().run(["true"], feed=b"x" * (1 << 22)) == ""


def test_a_failure_shows_the_last_lines_and_the_log(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    with pytest.raises(CommandError) as raised:
        Runner().run(["sh", "-c", "seq 20; exit 7"], log=log)
    assert str(raised.value).startswith("`sh -c seq 20; exit 7` exited with code 7:\n9\n10\n")
    assert str(raised.value).endswith(f"20\n(full log: {log})")


def test_cancelling_ends_the_whole_group_and_refuses_new_commands(tmp_path: Path) -> None:
    runner = Runner()
    pids = tmp_path / "pids"
    ended: list[BaseException] = []

    def work() -> None:
        try:
            runner.run(["sh", "-c", f"sleep 60 & echo $! > {pids}; wait"])
        except StoppedError as error:
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    while not (pids.exists() and pids.read_text().strip()):
        time.sleep(0.01)
    runner.cancel()
    thread.join(5)
    assert len(ended) == 1
    child = int(pids.read_text())
    end = time.monotonic() + 5
    while Path(f"/proc/{child}/stat").exists() and time.monotonic() < end:
        if Path(f"/proc/{child}/stat").read_text().split()[2] == "Z":
            break  # ended; whoever adopted it has not collected it yet
        time.sleep(0.01)
    else:
        assert not Path(f"/proc/{child}").exists()
    with pytest.raises(StoppedError):
        runner.run(["true"])
    with pytest.raises(StoppedError):
        runner.wait(60)


def test_the_lock_names_the_process_that_has_it(tmp_path: Path) -> None:
    path = tmp_path / "cache/lock"
    with (
        lock(path),
        pytest.raises(StepError, match=rf"^another `up` or `down` is running \(process {os.getpid()}\)$"),
        lock(path),
    ):
        pass
    with lock(path):
        assert path.read_text() == str(os.getpid())


def test_a_foreground_command_gives_its_exit_code(tmp_path: Path) -> None:
    assert foreground.run(["sh", "-c", 'test "$A" = b'], env={"A": "b"}, cwd=tmp_path) == 0
    assert foreground.run(["sh", "-c", "exit 4"], env={}, cwd=tmp_path) == 4


def test_an_interruption_is_passed_on_and_the_end_waited_for(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from local import foreground\n"
        "try: foreground.run(['sh', '-c', 'trap \"echo tidied; exit 1\" INT; echo up; "
        "while true; do sleep 0.05; done'], env={}, cwd=Path('.'))\n"
        "except KeyboardInterrupt: print('interrupted')\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.terminate()
        assert process.stdout.read() == "tidied\ninterrupted\n"
