"""Canary trials on the embedded default, under constant load: who is promoted, who is rolled back."""

import json
import math
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .browser import Browser
from .conftest import PORT, Embedded, Result
from .load import Load
from .report_page import assert_drawn, report

pytestmark = pytest.mark.e2e

WEIGHT = 25
INTERVAL = 10
ANALYSIS = 30
SETTINGS = {
    "rollout.strategy": "canary",
    "rollout.timeoutSeconds": 60,
    "canary.prometheus": "monitoring/prometheus:9090",
    "canary.steps": [WEIGHT],
    "canary.analysisSeconds": ANALYSIS,
    "canary.intervalSeconds": INTERVAL,
    "canary.warmupSeconds": 10,
    "canary.minRequests": 10,
    "autoscaling.minReplicas": 3,
    "autoscaling.maxReplicas": 3,
}
BAD = {
    "answers 5 % with 500": {"env.FAULT_ERROR_RATE": "0.05"},
    "answers everything with 500": {"env.FAULT_ERROR_RATE": "1"},
    "is slow": {"env.FAULT_DELAY": "800ms"},
    "crashes after 20 s": {"env.FAULT_CRASH_AFTER": "20s"},
    "never becomes ready": {"env.FAIL_READY": "1"},
}
# The same words as for a release without a trial.
REASONS = {
    "crashes after 20 s": r"did not stay up .*\n"
    r"\s+1 pod: crashed: Error, exit code 1; last lines of sample-canary-\S+:\n"
    r"(\s+\| .*\n)*\s+\| error: FAULT_CRASH_AFTER: 20s have passed",
    "never becomes ready": r"did not come up \(0 of 1 pods ready after 60 s\)\n"
    r'\s+1 pod: readiness probe GET /health/ready on port 8080 answered 503: \{"status":"not ready"',
}
FAULTS = {key: None for settings in BAD.values() for key in settings}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A release under load: what the update printed, how long it took, and who answered what."""

    result: Result
    seconds: float
    load: Load
    version: str
    stable: str

    @property
    def failures(self) -> list[Any]:
        """Requests that failed and were not the tried version's own answers."""
        broken = [kind for kind in self.load.failures if not kind.isdigit()]
        return broken + [a for a in self.load.log if a.status >= 500 and a.version != self.version]

    def share(self) -> tuple[float, int]:
        """Percent of the answers that were the tried version's while it gave any, and how many there were."""
        own = [answer.moment for answer in self.load.log if answer.version == self.version]
        if not own:
            return 0.0, 0
        all_then = sum(own[0] <= answer.moment <= own[-1] for answer in self.load.log)
        return 100 * len(own) / all_then, all_then


@pytest.fixture(scope="module")
def plain(embedded: Embedded) -> Iterator[Embedded]:
    """As many pods as the trials have, with the strategy rolling; going back to it drops nothing either."""
    file = embedded.checkout / "Pulumi.dev.yaml"
    before = file.read_bytes()
    embedded.set(**(SETTINGS | {"rollout.strategy": "rolling"}))
    embedded.up().ok()
    yield embedded
    file.write_bytes(before)
    embedded.commit("Release without trials")
    with Load(port=PORT) as load:
        embedded.up().ok()
    assert not load.failures, load.failures
    left = embedded.kubectl("get", "deployment", "-n", "sample", "-o", "name").split()
    assert left == ["deployment.apps/sample"]


@pytest.fixture(scope="module")
def plain_seconds(plain: Embedded) -> float:
    """How long a plain rolling update takes, build included."""
    updated = release(plain, "plain")
    updated.result.ok()
    return updated.seconds


@pytest.fixture(scope="module")
def canary(plain: Embedded, plain_seconds: float) -> Embedded:
    """The dev stack with the strategy canary, gone over to on the live stack; which drops nothing."""
    plain.set(**SETTINGS)
    version = plain.commit("Try versions first")
    with Load(port=PORT) as load:
        changed = plain.up().ok()
    assert not load.failures, load.failures
    assert "the stable track follows" in changed.output
    plain.wait_for(version)
    return plain


def release(embedded: Embedded, note: str, **settings: Any) -> Outcome:
    """Releases a new version under load, with one connection for each request: shares are those of pods."""
    stable = embedded.get("/").split()[1]
    version = release_source(embedded, note, **settings)
    with Load(port=PORT, keep_alive=False) as load:
        start = time.monotonic()
        result = embedded.up()
        seconds = time.monotonic() - start
        time.sleep(3)
    return Outcome(result=result, seconds=seconds, load=load, version=version, stable=stable)


def canary_replicas(embedded: Embedded) -> int:
    return embedded.object("deployment", "sample-canary")["spec"]["replicas"]


def running(embedded: Embedded) -> subprocess.Popen[str]:
    """An update under way, its canary ready."""
    command = ["pulumi", "up", "--yes", "--skip-preview", "--stack", embedded.stack, "--non-interactive"]
    process = subprocess.Popen(
        command,
        cwd=embedded.checkout,
        env=embedded.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    until(lambda: embedded.object("deployment", "sample-canary")["status"].get("readyReplicas") == 1, 90)
    return process


def until(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not so after {seconds} s"
        time.sleep(0.5)


def test_ten_releases_in_a_row_alternately_good_and_bad(
    canary: Embedded, plain_seconds: float, capsys: pytest.CaptureFixture[str]
) -> None:
    told = [f"plain rolling update: {plain_seconds:.0f} s; a trial of {ANALYSIS} s on top:"]
    shares: list[tuple[float, int]] = []
    for number, (name, fault) in enumerate(BAD.items()):
        good = release(canary, f"good {number}")
        good.result.ok()
        assert not good.failures, good.failures[:5]
        assert f"passed {(ANALYSIS - 10) // INTERVAL} samples" in good.result.output
        assert canary.get("/").split()[1] == good.version
        assert canary.changes() == {}
        assert good.seconds <= plain_seconds + ANALYSIS + 30
        told.append(f"good: promoted after {good.seconds:.0f} s, {good.load.total} requests, 0 failed")

        bad = release(canary, f"bad {number}", **fault)
        bad.result.failed()
        # Connections to a process that has just died break; they are the bad version's own.
        assert not bad.failures or "FAULT_CRASH_AFTER" in str(fault), bad.failures[:5]
        assert "ROLLED BACK" in bad.result.output, bad.result.output[-3000:]
        assert re.search(REASONS.get(name, ""), bad.result.output), bad.result.output[-3000:]
        assert f"the stable track still serves {good.version}" in bad.result.output
        assert canary_replicas(canary) == 0
        assert canary.get("/").split()[1] == good.version
        share, among = bad.share()
        noise = 3 * 100 * math.sqrt(WEIGHT / 100 * (1 - WEIGHT / 100) / among) if among else 0
        assert share <= WEIGHT + 2 + noise, (share, among)
        shares.append((share, among))
        # Exactly the trial is pending: its gate, and what follows it.
        pending = canary.preview().ok().output
        assert re.search(r"\+-\s+command:local:Command sample-gate", pending), pending
        assert set(canary.changes()) <= {"update", "replace", "delete"}, canary.changes()
        told.append(
            f"{name}: rolled back after {bad.seconds:.0f} s, {share:.1f} % of {among} answers,"
            " 0 others failed"
        )
    of_all = sum(share * among for share, among in shares) / sum(among for _, among in shares)
    assert of_all <= WEIGHT + 2
    with capsys.disabled():
        print("", *told, f"all bad versions: {of_all:.1f} % of the answers", sep="\n")  # noqa: T201


def test_what_failed_is_shown_and_remembered(canary: Embedded) -> None:
    bad = release(canary, "shown", **BAD["answers everything with 500"])
    output = bad.result.failed().output
    failing = re.findall(r"^\s+\d/\d\s+fail .*100\.0 % errors, above 1 %", output, re.MULTILINE)
    # Live, and in the error once more: two samples, so within two intervals of the first failing one.
    assert len({line.strip() for line in failing}) == 2 or len(failing) == 4, output
    assert "last lines of sample-canary-" in output
    history = canary.make("history").ok()
    assert re.search(rf"{bad.version}.*rolled back: 2 of 2 samples failed", history.output), history.output
    status = canary.make("status").ok().output
    assert re.search(rf"stable\s+{bad.stable}\s+3/3\s+100 %", status), status
    assert f"last verdict: {bad.version} rolled back: 2 of 2 samples failed" in status, status


def test_it_is_drawn(canary: Embedded, chromium: Browser) -> None:
    """The trial of the test before: by `make status`, and as a page."""
    said = canary.make("status").ok().output
    lines = {line[:14]: line for line in said.splitlines() if line[8:14] in {"canary", "stable"}}
    assert lines["errors  canary"].endswith("max 100.0 %, limit 1 %"), said
    assert "█" in lines["errors  canary"]
    assert "        stable" in lines
    assert_drawn(chromium, report(canary))


def test_what_cannot_be_measured_is_said_before_a_pod_starts(canary: Embedded) -> None:
    remedy = "set canary.metrics.statusLabel status"
    canary.make("preflight").ok()
    release_source(canary, "counted under another label", **{"canary.metrics.statusLabel": "code"})
    assert remedy in canary.preview().ok().output
    assert remedy in " ".join(canary.make("preflight").failed().output.split())
    said = canary.up().failed().output
    canary.set(**{"canary.metrics.statusLabel": None})
    assert re.search(rf"NOT STARTED: http_requests_total has series without the label code; .*{remedy}", said)
    sets = [one for one in canary.objects("replicasets") if "canary" in one["metadata"]["name"]]
    newest = max(sets, key=lambda one: one["metadata"]["creationTimestamp"])
    assert newest["metadata"]["generation"] == 1, "it was never scaled"
    assert "not started" in canary.make("history").ok().output


def test_pods_that_a_quota_refuses_end_the_trial_at_once(canary: Embedded) -> None:
    pods = len(canary.objects("pods"))
    canary.kubectl("create", "quota", "tight", "-n", "sample", f"--hard=pods={pods}")
    release_source(canary, "refused")
    start = time.monotonic()
    said = canary.up().failed().output
    took = time.monotonic() - start
    canary.kubectl("delete", "quota", "tight", "-n", "sample")
    assert re.search(r"ROLLED BACK: .* did not come up .*0 of 1 pods ready", said), said
    assert re.search(r"no pod can be made: .*exceeded quota: tight", said), said
    assert took < SETTINGS["rollout.timeoutSeconds"]
    assert canary_replicas(canary) == 0


def test_a_canary_that_is_changed_from_outside_is_not_promoted(canary: Embedded) -> None:
    stable = canary.get("/").split()[1]
    release_source(canary, "changed on the way")
    with Load(port=PORT, keep_alive=False) as load:
        process = running(canary)
        image = "sample=127.0.0.1:5000/sample:stable"
        canary.kubectl("set", "image", "deployment/sample-canary", "-n", "sample", image)
        output, _ = process.communicate(timeout=120)
    assert process.returncode != 0, output
    said = "ROLLED BACK: the canary was changed from outside during its trial: its image: "
    assert said in output, output
    assert not load.failures, load.failures
    assert canary_replicas(canary) == 0
    canary.wait_for(stable)


def test_no_traffic_never_promotes(canary: Embedded) -> None:
    canary.set(**FAULTS, **{"canary.unmeasuredLimit": 0})
    stable = canary.get("/").split()[1]
    canary.commit("Release: nobody asks")
    output = canary.up().failed().output
    assert "inconclusive" in output
    assert canary_replicas(canary) == 0
    assert canary.get("/").split()[1] == stable


def test_the_same_version_is_tried_again_and_skipping_is_said_loudly(canary: Embedded) -> None:
    """After a trial without traffic the same digest has one more, and an emergency none."""
    canary.set(**{"canary.unmeasuredLimit": None, "canary.skip": True})
    skipped = canary.up().ok()
    assert "SKIPPED" in skipped.output
    canary.set(**{"canary.skip": None})
    assert "the stable track runs this version already" in canary.up().ok().output
    assert canary.changes() == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_trial(canary: Embedded, number: signal.Signals) -> None:
    release_source(canary, f"signal {number}")
    stable = canary.get("/").split()[1]
    process = running(canary)
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode != 0, output
    until(lambda: canary_replicas(canary) == 0, 15)
    canary.wait_for(stable)  # pods of the canary that are leaving answer for a moment


def test_a_second_update_is_refused_and_a_killed_one_is_cleaned_up(canary: Embedded) -> None:
    version = release_source(canary, "killed")
    process = running(canary)
    second = canary.up().failed()
    assert "locked" in second.output
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    canary.pulumi("cancel", "--yes", "--stack", canary.stack).ok()
    with Load(port=PORT, keep_alive=False) as load:
        canary.up().ok()
    assert not load.failures, load.failures
    canary.wait_for(version)
    assert canary_replicas(canary) == 0
    assert canary.changes() == {}
    forget = ("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
    assert "unchanged" in canary.pulumi(*forget, "--stack", canary.stack).ok().output
    assert canary.changes() == {}


def test_a_trial_outlives_eviction_prometheus_and_the_api_server(canary: Embedded) -> None:
    """The three go one after the other; the version is a good one and is promoted."""
    canary.set(**{"canary.analysisSeconds": 90, "canary.unmeasuredLimit": 10})
    version = release_source(canary, "survivor")
    with Load(port=PORT, keep_alive=False) as load:
        process = running(canary)
        evict(canary)
        canary.kubectl("delete", "pod", "-n", "monitoring", "-l", "app.kubernetes.io/name=prometheus")
        time.sleep(15)
        canary.run("docker", "exec", "goservice-node", "pkill", "-STOP", "-f", "kube kube-apiserver").ok()
        time.sleep(30)
        canary.run("docker", "exec", "goservice-node", "pkill", "-CONT", "-f", "kube kube-apiserver").ok()
        output, _ = process.communicate(timeout=400)
    canary.set(**{"canary.analysisSeconds": ANALYSIS, "canary.unmeasuredLimit": None})
    assert process.returncode == 0, output[-4000:]
    assert not load.failures, load.failures
    canary.wait_for(version)


def evict(embedded: Embedded) -> None:
    """Evicts the canary's pod as a drain does."""
    pods = [p for p in embedded.objects("pods") if p["metadata"]["labels"].get("track") == "canary"]
    name = pods[0]["metadata"]["name"]
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": "sample"},
    }
    file = Path(embedded.checkout.parent / "eviction.json")
    file.write_text(json.dumps(eviction))
    path = f"/api/v1/namespaces/sample/pods/{name}/eviction"
    embedded.kubectl("create", "--raw", path, "-f", str(file))


def release_source(embedded: Embedded, note: str, **settings: Any) -> str:
    """Commits a change of the source, and settings. Returns the version."""
    embedded.set(**(FAULTS | settings))
    source = embedded.checkout / "app" / "cmd" / "server" / "e2e_note.go"
    source.write_text(f'package main\n\nvar _ = "{note}"\n')
    return embedded.commit(f"Release: {note}")


def test_rollback_to_a_named_and_to_the_previous_release(canary: Embedded) -> None:
    history = canary.make("history").ok().output
    now = canary.get("/").split()[1]
    older = next(line.split()[0] for line in history.splitlines() if "promoted" in line and now not in line)
    with Load(port=PORT) as load:
        back = canary.make("rollback", f"TO={older}").ok()
        canary.wait_for(older)
    assert not load.failures, load.failures
    assert "docker-build:index:Image sample-build updating" not in back.output
    assert canary.changes() == {}
    with Load(port=PORT) as load:
        canary.make("rollback").ok()
    assert not load.failures, load.failures
    assert canary.changes() == {}
    unknown = canary.make("rollback", "TO=v0.0.0-none").failed()
    assert "v0.0.0-none" in unknown.output
    canary.set(**{"image.pin": None})


def test_the_autoscaler_scales_stable_and_a_bad_canary_does_not_disturb_it(canary: Embedded) -> None:
    scaling = {
        "autoscaling.maxReplicas": 5,
        "autoscaling.cpuPercent": 5,
        "resources.cpuRequest": "20m",
        "canary.skip": True,
    }
    canary.set(**scaling)
    canary.up().ok()
    canary.set(**{"canary.skip": None})
    with Load(port=PORT, keep_alive=False) as load:
        until(lambda: canary.object("deployment")["spec"]["replicas"] == 5, 240)
        bad = release_source(canary, "beside the autoscaler", **BAD["answers everything with 500"])
        failed = canary.up().failed()
    assert "ROLLED BACK" in failed.output, failed.output
    others = [a for a in load.log if a.status >= 500 and a.version != bad]
    assert not others, others[:5]
    assert not [kind for kind in load.failures if not kind.isdigit()], load.failures
    assert canary.object("deployment")["spec"]["replicas"] == 5
    canary.set(**FAULTS)
