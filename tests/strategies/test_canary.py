"""GoService with the strategy canary: what is registered, in which order, and what starts a trial."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from decimal import Decimal
from functools import cache
from typing import Any

import pulumi
import pytest

from components import (
    ArgsError,
    Autoscaling,
    Canary,
    Exposure,
    GoService,
    GoServiceArgs,
    Network,
    Probes,
    RegistryLogin,
    Release,
    Resources,
    Rolling,
    Rollout,
)
from components.analysis import PRESETS
from components.cluster import DeployedRelease, Record
from components.strategies import CanaryMetrics
from tests.support.recording import DIGEST, Recording, Secret, clear_strings, record

IMAGE = f"ghcr.io/acme/shop@{DIGEST}"
OTHER = f"ghcr.io/acme/shop@sha256:{'b' * 64}"
PROMETHEUS = "monitoring/prometheus:9090"
ARGS = GoServiceArgs(
    release=Release(image=IMAGE, version="v2"),
    name="shop",
    namespace="team",
    autoscaling=Autoscaling(min_replicas=9),
    strategy=Canary(prometheus=PROMETHEUS),
    env={"A": "1"},
    secrets={"B": "hunter2-7431"},
)


def made(args: GoServiceArgs = ARGS, *, preview: bool = False, **values: Any) -> Recording:
    def program() -> None:
        GoService("shop", replace(args, **values))

    return record(program, preview=preview)


@cache
def plain() -> Recording:
    """Of the arguments as they are."""
    return made()


def spec(recording: Recording, name: str) -> dict[str, Any]:
    return recording[name].inputs["spec"]


def told(recording: Recording) -> dict[str, Any]:
    """What the gate reads."""
    return json.loads(recording["shop-gate"].inputs["stdin"])


def triggers(**values: Any) -> list[str]:
    return made(**values)["shop-gate"].inputs["triggers"]


def before(recording: Recording, name: str) -> set[str]:
    """Names of all that is done before a resource: what it depends on, and what its component does."""
    by_urn = {resource.urn: resource for resource in recording.resources}
    found: set[str] = set()
    waiting = [recording[name]]
    while waiting:
        resource = waiting.pop()
        parent = by_urn.get(resource.parent)
        for urn in resource.dependencies | (parent.dependencies if parent else frozenset()):
            if by_urn[urn].name not in found:
                found.add(by_urn[urn].name)
                waiting.append(by_urn[urn])
    return found


def test_the_canary_the_gate_and_then_the_stable_track() -> None:
    recording = plain()
    first = {f"shop-{role}" for role in ("namespace", "account", "network", "config", "secret")}
    assert before(recording, "shop-canary") == first
    assert before(recording, "shop-gate") == first | {"shop-canary"}
    assert first | {"shop-canary", "shop-gate"} <= before(recording, "shop-deployment")
    assert {"shop-gate", "shop-deployment"} <= before(recording, "shop-service")


def test_without_the_strategy_there_is_neither() -> None:
    recording = made(strategy=Rolling())
    assert recording.names.isdisjoint({"shop-canary", "shop-gate"})


def test_both_tracks_run_the_same_pods_but_for_the_track() -> None:
    recording = plain()
    stable, canary = (spec(recording, f"shop-{role}") for role in ("deployment", "canary"))
    text = json.dumps(canary["template"], sort_keys=True)
    assert text.replace('"track": "canary"', '"track": "stable"') == (
        json.dumps(stable["template"], sort_keys=True)
    )
    assert text.count('"track": "canary"') == 3, "the label, and two constraints of spread"


def test_each_track_has_its_own_pods_and_the_service_both() -> None:
    recording = plain()
    both = {"app.kubernetes.io/name": "shop", "app.kubernetes.io/instance": "shop"}
    for role, track in (("deployment", "stable"), ("canary", "canary")):
        found_by = spec(recording, f"shop-{role}")["selector"]["matchLabels"]
        assert found_by == both | {"track": track}
        labels = spec(recording, f"shop-{role}")["template"]["metadata"]["labels"]
        assert found_by.items() <= labels.items()
    assert spec(recording, "shop-service")["selector"] == both
    assert spec(recording, "shop-network")["podSelector"]["matchLabels"] == both


def test_autoscaler_and_budget_are_of_the_stable_track_alone() -> None:
    recording = plain()
    assert spec(recording, "shop-autoscaler")["scaleTargetRef"]["name"] == "shop"
    assert spec(recording, "shop-budget")["selector"]["matchLabels"]["track"] == "stable"
    scaled = [r for r in recording.resources if r.type.endswith("HorizontalPodAutoscaler")]
    assert len(scaled) == 1


@pytest.mark.parametrize("autoscaling", [Autoscaling(min_replicas=9), Autoscaling(enabled=False)])
def test_at_rest_the_canary_has_no_pods(autoscaling: Autoscaling) -> None:
    recording = made(autoscaling=autoscaling, replicas=9)
    assert spec(recording, "shop-canary")["replicas"] == 0
    metadata = recording["shop-canary"].inputs["metadata"]
    assert metadata["name"] == "shop-canary"
    assert metadata["annotations"] == {"pulumi.com/skipAwait": "true", "pulumi.com/patchForce": "true"}


def test_the_gate_is_a_command_that_tells_people_and_keeps_its_record() -> None:
    gate = plain()["shop-gate"]
    assert gate.type == "command:local:Command"
    assert gate.inputs["create"] == gate.inputs["update"] == ". ./.goservice/shop.dev.gate; exit $?"
    assert gate.inputs["logging"] == "stderr"
    assert gate.inputs["addPreviousOutputInEnv"] is False
    assert "delete" not in gate.inputs


def test_the_gate_is_told_everything() -> None:
    canary = Canary(
        prometheus=PROMETHEUS,
        steps=(10, 30),
        analysis_seconds=400,
        interval_seconds=20,
        warmup_seconds=40,
        min_requests=7,
        max_error_percent=Decimal("0.1"),
        max_error_increase_percent=Decimal("0.05"),
        max_p99_milliseconds=250,
        failure_limit=2,
        unmeasured_limit=4,
        eviction_limit=3,
        metrics=CanaryMetrics(preset="otelhttp", pod_label="kubernetes_pod"),
        queries={"depth": "max(depth) <= 10"},
    )
    recording = made(
        strategy=canary, rollout=Rollout(timeout_seconds=120), probes=Probes(readiness_path="/up")
    )
    assert told(recording) == {
        "service": "shop",
        "namespace": "team",
        "cluster": {"kubeconfig": "", "context": "", "name": ""},
        "uid": "shop-canary-uid",
        "prometheus": {"address": PROMETHEUS, "headers": {}, "ca": ""},
        "metrics": json.loads(json.dumps(asdict(PRESETS["otelhttp"])))
        | {
            "pod": "kubernetes_pod",
            "ignored_paths": [*PRESETS["otelhttp"].ignored_paths, "/up"],
            "native": False,
        },
        "queries": {"depth": "max(depth) <= 10"},
        "skip": False,
        "plan": {
            "steps": [10, 30],
            "analysis": 400,
            "interval": 20,
            "warmup": 40,
            "start": 120,
            "eviction_limit": 3,
            "limits": {
                "min_requests": 7,
                "max_error_percent": 0.1,
                "max_error_increase_percent": 0.05,
                "max_p99_milliseconds": 250,
                "failure_limit": 2,
                "unmeasured_limit": 4,
            },
        },
    }
    # Two starts of the canary's pods and one of the stable track's; twice the samples if they do not decide,
    # each five times; and some to tidy up.
    assert recording["shop-gate"].timeout == f"{20 + 3 * 120 + 2 * 400 * 5 + 300}s"


def test_the_gate_is_told_no_secret_of_the_service() -> None:
    """What it is told is on a pipe, and in the state."""
    assert not [text for text in clear_strings(plain()["shop-gate"].inputs) if "hunter2" in text]


URL = "https://prometheus.example.com"


@pytest.mark.parametrize(
    ("login", "headers"),
    [
        ({"prometheus_headers": {"X-Key": "hunter2-7431"}}, {"X-Key": "hunter2-7431"}),
        ({"prometheus_token": "hunter2-7431"}, {"Authorization": "Bearer hunter2-7431"}),
        (
            {"prometheus_username": "robot", "prometheus_password": "hunter2-7431"},
            {"Authorization": "Basic cm9ib3Q6aHVudGVyMi03NDMx"},
        ),
    ],
)
def test_what_the_gate_is_told_is_secret_if_a_login_is_in_it(
    login: dict[str, Any], headers: dict[str, str]
) -> None:
    inputs = made(strategy=Canary(prometheus=URL, **login))["shop-gate"].inputs
    assert isinstance(inputs["stdin"], Secret)
    assert json.loads(inputs["stdin"].value)["prometheus"]["headers"] == headers
    assert not [text for text in clear_strings(inputs) if "hunter2" in text or "cm9ib3Q6" in text]


@pytest.mark.parametrize(("address", "said"), [("http://10.0.0.7:9090", True), (URL, False)])
def test_a_login_that_others_can_read_is_warned_of(
    address: str, said: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", lambda line, _resource: lines.append(line))
    made(strategy=Canary(prometheus=address, prometheus_token="hunter2-7431"))
    found = [line for line in lines if line.startswith(f"canary.prometheus: {address} is not encrypted")]
    assert len(found) == said
    assert "hunter2" not in "".join(lines)


LOGIN = RegistryLogin(host="ghcr.io", username="robot", password="hunter2-7431")
CHANGES: dict[str, dict[str, Any]] = {
    "image": {"release": Release(image=OTHER)},
    "variable": {"env": {"A": "2"}},
    "another variable": {"env": {"A": "1", "C": "1"}},
    "secret": {"secrets": {"B": "other"}},
    "resources": {"resources": Resources(cpu_limit="1")},
    "probe": {"probes": Probes(readiness_path="/other")},
    "port": {"port": 9090},
    "time to stop": {"rollout": Rollout(pre_stop_seconds=9)},
    "pull secret": {"pull_secrets": ("registry",)},
    "login": {"registry_login": LOGIN},
}
NO_CHANGES: dict[str, dict[str, Any]] = {
    "autoscaler": {"autoscaling": Autoscaling(min_replicas=12, max_replicas=40)},
    "fixed pods": {"autoscaling": Autoscaling(enabled=False), "replicas": 11},
    "version": {"release": Release(image=IMAGE, version="v3")},
    "commit": {"release": Release(image=IMAGE, version="v2", commit="c0ffee")},
    "time of a release": {"rollout": Rollout(timeout_seconds=600)},
    "service": {"exposure": Exposure(type="LoadBalancer")},
    "network": {"network": Network(egress_ports=(443,))},
    "canary": {"strategy": Canary(prometheus=PROMETHEUS, steps=(20,), skip=True)},
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_pods_starts_a_trial(change: str) -> None:
    assert triggers(**CHANGES[change]) != plain()["shop-gate"].inputs["triggers"]


@pytest.mark.parametrize("change", NO_CHANGES)
def test_what_does_not_change_pods_starts_none(change: str) -> None:
    assert triggers(**NO_CHANGES[change]) == plain()["shop-gate"].inputs["triggers"]


def test_the_pull_secret_is_a_trigger_by_the_name_that_each_content_has() -> None:
    recording = made(registry_login=LOGIN)
    assert recording["shop-gate"].inputs["triggers"][-1] == "shop-pull-0a1b2c3d"
    for role in ("canary", "deployment"):
        pods = spec(recording, f"shop-{role}")["template"]["spec"]
        assert pods["imagePullSecrets"] == [{"name": "shop-pull-0a1b2c3d"}]


@pytest.mark.parametrize("change", [change for change in CHANGES if change != "secret"])
def test_triggers_follow_the_pods(change: str) -> None:
    """Whatever is a trigger is a change of pods, and the other way round; a secret shows as its hash."""
    changed = made(**CHANGES[change])
    assert spec(changed, "shop-canary")["template"] != spec(plain(), "shop-canary")["template"]


def test_a_second_run_registers_the_same() -> None:
    def registered() -> list[str]:
        found = made().resources
        return sorted(f"{r.urn} {json.dumps(r.inputs, sort_keys=True, default=shown)}" for r in found)

    assert registered() == registered()


def shown(value: Any) -> Any:
    assert isinstance(value, Secret)
    return value.value


def test_the_service_gives_the_track_and_its_verdict() -> None:
    tracks: list[Any] = []
    verdicts: list[str] = []

    def program(args: GoServiceArgs) -> Callable[[], None]:
        def run() -> None:
            service = GoService("shop", args)
            tracks.append(service.canary)
            if service.canary:
                service.canary.verdict.apply(verdicts.append)

        return run

    record(program(ARGS))
    record(program(replace(ARGS, strategy=Rolling())))
    assert tracks[0] is not None
    assert tracks[1] is None
    assert verdicts == ["promoted: passed 9 samples"]


RECORD = asdict(Record(verdict="promoted", reason="well", release=DeployedRelease(version="v2", image=IMAGE)))


class SecretGate:
    """The command as the plugin gives it back, if what it was told is secret."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.stdout = pulumi.Output.secret(json.dumps(RECORD))


def test_the_verdict_is_said_though_what_the_gate_is_told_is_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulumi_command.local.Command", SecretGate)
    found: list[tuple[str, bool]] = []

    def program() -> None:
        canary = GoService("shop", ARGS).canary
        assert canary is not None
        secret = pulumi.Output.from_input(canary.verdict.is_secret())
        pulumi.Output.all(canary.verdict, secret).apply(lambda both: found.append((both[0], both[1])))

    record(program)
    assert found == [("promoted: well", False)]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"autoscaling": Autoscaling()}, "strategy.steps: 10 % is less than one pod beside 3 stable ones"),
        ({"strategy": Canary()}, "strategy.prometheus: is empty; name a Prometheus"),
    ],
)
def test_a_canary_that_cannot_be_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as caught:
        replace(ARGS, **values)
    assert str(caught.value).startswith(f"GoServiceArgs.{message}")
    replace(ARGS, **values | {"strategy": Rolling()})
