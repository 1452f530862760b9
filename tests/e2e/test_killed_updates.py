"""`pulumi up` killed at any moment of a release: the next one goes on, and nothing is lost or left over."""

import json
import os
import random
import signal
import subprocess
import time

import pytest

from .conftest import PORT, Embedded
from .load import Load

pytestmark = pytest.mark.e2e

KILLS = int(os.environ.get("KILLS", "3"))
LONGEST_SECONDS = 9  # about what a release with a build takes


def owned(embedded: Embedded) -> dict[str, int]:
    """How many objects of each kind the service has, pods and their sets left out."""
    kinds = "configmap,secret,networkpolicy,deployment,service,hpa,pdb,serviceaccount"
    named = embedded.kubectl(
        "get", kinds, "-n", "sample", "-l", "app.kubernetes.io/name=sample", "-o", "name"
    ).split()
    counts: dict[str, int] = {}
    for name in named:
        kind = name.split("/")[0]
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def killed(embedded: Embedded, seconds: float) -> None:
    """Starts an update, and kills the engine after so long."""
    process = subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", "dev"],
        cwd=embedded.checkout,
        env=embedded.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_an_update_that_is_killed_is_gone_on_with(embedded: Embedded) -> None:
    before = owned(embedded)
    note = embedded.checkout / "app" / "cmd" / "server" / "killed_note.go"
    moments = random.Random(20261125)  # noqa: S311 no secret
    with Load(port=PORT) as load:
        for number in range(KILLS):
            note.write_text(f"package main\n\nvar _ = {number}\n")
            embedded.set(**{"env.GREETING": f"hello after kill {number}"})
            killed(embedded, moments.uniform(0.3, LONGEST_SECONDS))
            embedded.pulumi("cancel", "--yes", "--stack", "dev").ok()  # the lock of the dead engine
            embedded.up().ok()
            embedded.wait_for(f"hello after kill {number}")
            assert embedded.changes() == {}, number
            assert owned(embedded) == before, number
    assert not load.failures, load.failures
    # Pulumi goes on, and warns of what was being created; `make up` has it forgotten.
    embedded.make("up").ok()
    state = json.loads(embedded.pulumi("stack", "export", "--stack", "dev").ok().output)
    assert not state["deployment"].get("pending_operations")
    assert embedded.changes() == {}
    note.unlink()
    embedded.run("git", "checkout", "--quiet", "--", ".").ok()
    embedded.up().ok()
