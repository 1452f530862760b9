"""The gate: when a version is tried, and what becomes of the trial, in this process and in one of its own."""

import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from components import Autoscaling, Canary, Probes, Release, Resources, Rollout
from components.cluster import (
    Cluster,
    ClusterError,
    DeployedRelease,
    Kubectl,
    NotFoundError,
    Record,
    Tracks,
    find_tracks,
)
from components.gate import gate, interruption
from components.gate.gate import build_trial
from components.gate.request import TrialRequest, parse_request
from components.gate.trial import Trial
from components.kubernetes import Owner, Pod
from components.strategies.canary.track import trial_request
from components.strategies.workload import Workload
from tests.support import simulated_cluster as simulated
from tests.support.stack_config import ROOT

REQUEST: dict[str, Any] = {
    "service": "shop",
    "namespace": "shop",
    "cluster": {"kubeconfig": "", "context": "staging", "name": ""},
    "uid": "shop-canary-uid",
    "prometheus": "monitoring/prometheus:9090",
    "queries": {},
    "skip": False,
    "plan": {
        "steps": [10],
        "analysis": 300,
        "interval": 30,
        "warmup": 30,
        "start": 60,
        "limits": {
            "min_requests": 20,
            "max_error_percent": 1.0,
            "max_error_increase_percent": 0.5,
            "max_p99_milliseconds": 500,
            "failure_limit": 1,
            "unmeasured_limit": 3,
        },
    },
}
RELEASE = {"version": "v2", "image": "registry/shop@sha256:v2"}


class Gate:
    """The gate in this process, in a simulated cluster and in simulated time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.state = simulated.cluster()
        self.now = 0.0
        self.meanwhile: Callable[[], None] = lambda: None
        self._patch, self._capture = monkeypatch, capsys
        monkeypatch.setattr(Kubectl, "_once", lambda _cluster, *arguments, stdin: self.kubectl(*arguments))
        monkeypatch.setattr("components.cluster.failure_report.answer", simulated.answer)
        monkeypatch.setattr("components.cluster.kubectl._RETRY_SECONDS", 0)
        monkeypatch.setattr(gate, "build_trial", self._build_trial)
        # Handlers of signals are this process's own.
        monkeypatch.setattr(signal, "signal", lambda _number, _handler: None)

    def kubectl(self, *arguments: str) -> str:
        try:
            return simulated.kubectl(self.state, list(arguments), self.now)
        except simulated.RefusedError as error:
            kind = NotFoundError if "(NotFound)" in str(error) else ClusterError
            raise kind(str(error)) from None

    def _build_trial(self, request: TrialRequest, cluster: Kubectl, **_real: Any) -> Trial:
        return build_trial(request, cluster, sleep=self._sleep, clock=lambda: self.now)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds
        self.meanwhile()

    def run(self, **settings: Any) -> tuple[int, dict[str, Any] | None, list[str]]:
        """Exit code, the record on stdout, and the lines on stderr."""
        self._patch.setattr(sys, "stdin", io.StringIO(json.dumps(REQUEST | settings)))
        code = gate.main()
        out, err = self._capture.readouterr()
        return code, json.loads(out, parse_constant=no_constant) if out else None, err.splitlines()

    @property
    def note(self) -> dict[str, Any]:
        """The record at the canary's Deployment."""
        return json.loads(self.annotations["goservice/record"], parse_constant=no_constant)

    @property
    def annotations(self) -> dict[str, str]:
        return self.state["deployments"]["shop-canary"]["metadata"]["annotations"]

    @property
    def tracks(self) -> Tracks:
        return find_tracks(Kubectl(namespace="shop"), "shop")


def no_constant(name: str) -> Any:
    raise AssertionError(f"{name} is not JSON")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gate:
    return Gate(monkeypatch, capsys)


def test_a_good_version_may_pass_with_its_record(world: Gate) -> None:
    code, record, said = world.run()
    assert code == 0
    assert record is not None
    samples = record.pop("samples")
    assert record == {
        "verdict": "promoted",
        "reason": "passed 9 samples",
        "release": RELEASE,
        "seconds": record["seconds"],
    }
    assert world.note == record, "the note is small: without samples"
    assert len(samples) == 9
    assert samples[0] == {
        "canary": {"requests": 100.0, "errors": 0.0, "p99_seconds": 0.02},
        "stable": {"requests": 900.0, "errors": 0.0, "p99_seconds": 0.02},
        "checks": [],
        "error": "",
        "outcome": "pass",
        "reasons": [],
    }
    assert said[-1] == "passed 9 samples; the stable track follows"


def test_a_bad_version_is_rolled_back_without_an_output(world: Gate) -> None:
    world.state["new"]["errors"] = 100.0
    code, record, said = world.run()
    reason = "2 of 2 samples failed: 100.0 % errors, above 1 %"
    assert (code, record) == (1, None)
    assert said[-5:] == [
        f"ROLLED BACK: {reason}",
        "last lines of shop-canary-10:",
        "    | GET / 500",
        "    | GET / 500",
        "the canary is scaled to 0, and the stable track still serves v1",
    ]
    assert (world.note["verdict"], world.note["reason"]) == ("rolled back", reason)
    assert world.note["release"] == RELEASE
    assert world.state["scaled"] == [["shop-canary", 1], ["shop-canary", 0]]


def test_a_version_that_does_not_come_up_is_told_with_its_reason(world: Gate) -> None:
    world.state["new"]["never_ready"] = True
    code, record, said = world.run()
    why = 'readiness probe GET /health/ready on port 8080 answered 503: {"status":"not ready"}'
    assert (code, record) == (1, None)
    assert said[-5:] == [
        "ROLLED BACK: v2 did not come up (0 of 1 pods ready after 60 s)",
        f"  1 pod: {why}; last lines of shop-canary-10:",
        "    | GET / 500",
        "    | GET / 500",
        "the canary is scaled to 0, and the stable track still serves v1",
    ]
    assert world.note["verdict"] == "rolled back"
    assert world.note["reason"] == f"did not come up (0 of 1 pods ready after 60 s): {why}"


@pytest.mark.parametrize("number", ["NaN", "+Inf"])
def test_what_is_no_number_is_no_number_in_the_record_either(world: Gate, number: str) -> None:
    def at_first() -> None:
        world.state["new"]["p99"] = number if world.now < 80 else 0.02

    world.meanwhile = at_first
    code, record, _ = world.run()
    assert code == 0
    assert record is not None
    first, *rest = record["samples"]
    assert first["canary"] == {"requests": 100.0, "errors": 0.0, "p99_seconds": None}
    assert first["reasons"] == ["no data on the canary's latency"]
    assert [sample["outcome"] for sample in rest] == ["pass"] * 9


def test_interrupted_it_is_ended_and_recorded(world: Gate) -> None:
    def interrupt() -> None:
        if world.now > 40:
            interruption.interrupt("SIGTERM")

    world.meanwhile = interrupt
    code, record, said = world.run()
    assert (code, record) == (130, None)
    assert said[-1] == (
        "INTERRUPTED: SIGTERM; the canary is scaled to 0, and the stable track still serves v1"
    )
    assert (world.note["verdict"], world.note["reason"]) == ("interrupted", "SIGTERM")
    assert world.state["scaled"][-1] == ["shop-canary", 0]


def test_interrupted_while_rolling_back_it_is_rolled_back_all_the_same(
    world: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.state["new"]["errors"] = 100.0
    interrupts = ["SIGINT"]

    def once(_cluster: Kubectl, *arguments: str, stdin: str) -> str:
        if arguments[-1] == '{"spec": {"replicas": 0}}' and interrupts:
            interruption.interrupt(interrupts.pop())
        return world.kubectl(*arguments)

    monkeypatch.setattr(Kubectl, "_once", once)
    code, _, _ = world.run()
    assert code == 130
    assert world.state["scaled"] == [["shop-canary", 1], ["shop-canary", 0]]


def test_an_api_server_that_is_away_for_a_while_is_waited_for(
    world: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = [ClusterError("The connection to the server was refused")] * 5

    def once(_cluster: Kubectl, *arguments: str, stdin: str) -> str:
        if world.now > 100 and refusals:
            raise refusals.pop()
        return world.kubectl(*arguments)

    monkeypatch.setattr(Kubectl, "_once", once)
    code, _, said = world.run()
    assert code == 0
    line = "the API server does not answer, trying again: The connection to the server was refused"
    assert said.count(line) == 1


def test_what_the_cluster_refuses_is_said(world: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    def once(_cluster: Kubectl, *_arguments: str, stdin: str) -> str:
        raise ClusterError("Error from server (Forbidden)")

    monkeypatch.setattr(Kubectl, "_once", once)
    assert world.run() == (1, None, ["error: Error from server (Forbidden)"])


def test_in_another_cluster_nothing_is_touched(world: Gate) -> None:
    before = json.dumps(world.state)
    code, record, said = world.run(uid="another")
    assert (code, record) == (1, None)
    assert said == [
        "error: kubectl reaches another cluster than Pulumi: Deployment shop-canary has uid shop-canary-uid"
        " there, not another; have KUBECONFIG, cluster.context or kubernetes:context name Pulumi's, or run "
        "`pulumi refresh` if the cluster was made anew"
    ]
    assert json.dumps(world.state) == before


def test_in_a_cluster_without_the_canary_nothing_is_touched(world: Gate) -> None:
    del world.state["deployments"]["shop-canary"]
    before = json.dumps(world.state)
    code, _, (line,) = world.run()
    assert code == 1
    assert "Deployment shop-canary has uid none there, not shop-canary-uid" in line
    assert json.dumps(world.state) == before


def first_release(world: Gate) -> None:
    del world.state["deployments"]["shop"]
    world.state["pods"] = {}


def the_same_version(world: Gate) -> None:
    stable, canary = (world.state["deployments"][name]["spec"] for name in ("shop", "shop-canary"))
    template = json.loads(json.dumps(stable["template"]))
    template["metadata"]["labels"]["track"] = "canary"
    for constraint in template["spec"]["topologySpreadConstraints"]:
        constraint["labelSelector"]["matchLabels"]["track"] = "canary"
    canary["template"] = template


def nothing_ready(world: Gate) -> None:
    for pod in world.state["pods"].values():
        pod["born"] = 0.0


def ran_before(world: Gate) -> None:
    world.state["replica_sets"]["shop-0"] = simulated.replica_set("shop-0", "v2", 2)


UNTRIED: dict[str, tuple[Callable[[Gate], None] | None, dict[str, Any], str]] = {
    "first release": (
        first_release,
        {},
        "trial skipped: first release, so there is no baseline",
    ),
    "the same version": (the_same_version, {}, "trial skipped: the stable track runs this version already"),
    "rollback": (ran_before, {}, "trial skipped: ROLLBACK to v2, which ran on the stable track before"),
    "skip": (None, {"skip": True}, "trial SKIPPED: canary.skip is set, so this version is released untried"),
    "nothing ready": (
        nothing_ready,
        {},
        "trial skipped: no stable pod is ready, so there is no baseline",
    ),
}


@pytest.mark.parametrize("case", UNTRIED)
def test_some_versions_need_no_trial_and_that_is_said(world: Gate, case: str) -> None:
    prepare, settings, reason = UNTRIED[case]
    if prepare:
        prepare(world)
    code, record, said = world.run(**settings)
    assert code == 0
    assert said == [reason]
    assert record is not None
    assert (record["verdict"], record["reason"], record["samples"]) == ("untried", reason, [])
    assert world.note == {key: value for key, value in record.items() if key != "samples"}
    assert world.state["scaled"] == []


def test_another_version_has_to_be_tried(world: Gate) -> None:
    assert gate.reason_for_no_trial(world.tracks, parse_request(json.dumps(REQUEST)), []) == ""


def record_of(version: str, verdict: Any) -> str:
    release = DeployedRelease(version=version, image=f"registry/shop@sha256:{version}")
    return Record(verdict=verdict, reason="a reason", release=release).to_json()


def stable_record(world: Gate, name: str) -> dict[str, Any]:
    """The record on a ReplicaSet of the stable track."""
    return json.loads(world.state["replica_sets"][name]["metadata"]["annotations"]["goservice/record"])


def test_a_release_that_was_rolled_back_before_has_to_be_tried_and_its_record_follows(world: Gate) -> None:
    """A pin on it is no reason to trust it."""
    world.state["replica_sets"]["shop-2"] = simulated.replica_set(
        "shop-2", "v2", 2, record_of("v2", "rolled back")
    )
    code, record, said = world.run()
    assert code == 0
    assert record is not None
    assert record["verdict"] == "promoted"
    assert said[-1] == "passed 9 samples; the stable track follows"
    assert stable_record(world, "shop-2")["verdict"] == "promoted"
    assert "goservice/record" not in world.state["replica_sets"]["shop-1"]["metadata"]["annotations"]


def test_a_rollback_is_recorded_with_what_it_replaces_so_that_the_way_forward_is_tried(world: Gate) -> None:
    ran_before(world)
    code, record, _ = world.run()
    assert code == 0
    assert record is not None
    assert record["verdict"] == "untried"
    left = stable_record(world, "shop-1")
    assert (left["verdict"], left["reason"]) == ("rolled back", "replaced by a rollback to v2")
    assert "goservice/record" not in world.state["replica_sets"]["shop-0"]["metadata"]["annotations"]


def test_other_pods_of_the_same_image_that_never_came_up_stay_rolled_back(world: Gate) -> None:
    """Or the image would pass for one that has run, though only its trial went well."""
    never = simulated.replica_set("shop-2", "v2", 2, record_of("v2", "rolled back"))
    never["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 9
    world.state["replica_sets"]["shop-2"] = never
    code, record, _ = world.run()
    assert code == 0
    assert record is not None
    assert record["verdict"] == "promoted"
    assert stable_record(world, "shop-2")["verdict"] == "rolled back"


def test_settings_of_the_current_image_that_change_take_a_trial_though_it_ran_before(world: Gate) -> None:
    """The Deployment says what is current, also if its revision is that of no ReplicaSet yet."""
    world.state["replica_sets"]["shop-0"] = simulated.replica_set("shop-0", "v1", 7)
    world.state["deployments"]["shop"]["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "8"
    the_same_version(world)
    canary = world.state["deployments"]["shop-canary"]["spec"]["template"]
    canary["spec"]["terminationGracePeriodSeconds"] = 9
    code, record, _ = world.run()
    assert code == 0
    assert record is not None
    assert record["verdict"] == "promoted"


def test_the_component_asks_for_what_the_gate_reads() -> None:
    """The two ends of the pipe agree."""
    request = parse_request(json.dumps(REQUEST))
    assert json.loads(request.to_json()) == REQUEST
    pod = Pod(
        owner=Owner(name="shop", namespace="shop"),
        release=Release(image="shop"),
        port=8080,
        probes=Probes(),
        resources=Resources(),
        pre_stop_seconds=5,
        grace_seconds=35,
        pull_secrets=(),
        hashes={},
    )
    workload = Workload(
        pod=pod,
        rollout=Rollout(timeout_seconds=60),
        autoscaling=Autoscaling(),
        replicas=9,
        triggers=(),
        pull_secrets=(),
        account=cast(Any, None),
        cluster=cast(Any, None),
        guard=cast(Any, None),
    )
    cluster = Kubectl(namespace="shop", cluster=Cluster(context="staging"))
    canary = Canary(prometheus="monitoring/prometheus:9090")
    asked = trial_request(canary, workload, cluster, "shop-canary-uid")
    assert asked == request
    assert asked.plan.planned == 9


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
        self._state.write_text(json.dumps(simulated.cluster(start_seconds=0)))
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
