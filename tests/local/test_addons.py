"""What is applied to the embedded cluster, when it counts as up, and the steps that bring it there."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import addon, images, metrics_server, prometheus
from local.addon import Addon
from local.gobuild import Builder
from local.paths import Paths
from local.plan import Plan
from local.process import CommandError, Runner
from local.record import Record
from local.steps import StepError, check_order

ADDONS = {"prometheus": prometheus.addon, "metrics-server": metrics_server.addon}


@pytest.fixture(params=ADDONS)
def added(request: pytest.FixtureRequest, tmp_path: Path) -> Addon:
    binary = tmp_path / "binary"
    binary.write_bytes(b"built")
    return ADDONS[request.param](binary)


def objects(added: Addon) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(added.text))


def deployment(added: Addon) -> dict[str, Any]:
    return next(one for one in objects(added) if one["kind"] == "Deployment")


def test_an_images_tag_follows_what_it_is_made_of(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"one")
    one = images.keyed("tool", "FROM scratch\n", {"tool": binary})
    binary.write_bytes(b"two")
    two = images.keyed("tool", "FROM scratch\n", {"tool": binary})
    assert re.fullmatch(r"127\.0\.0\.1:5000/tool:[0-9a-f]{16}", one.tag)
    assert one.tag != two.tag


def test_the_key_follows_manifests_and_image(added: Addon) -> None:
    other_image = replace(added, image=replace(added.image, tag="other"))
    other_manifests = replace(added, manifests=added.manifests + "\n")
    assert len({added.key, other_image.key, other_manifests.key}) == 3


def test_the_pods_carry_image_and_key(added: Addon) -> None:
    template = deployment(added)["spec"]["template"]
    assert template["metadata"]["annotations"] == {addon.ANNOTATION: added.key}
    assert {container["image"] for container in template["spec"]["containers"]} == {added.image.tag}
    assert "$" not in added.text


def test_everything_is_where_the_addon_says(added: Addon) -> None:
    made = objects(added)
    assert deployment(added)["metadata"] == {"name": added.name, "namespace": added.namespace}
    namespaces = {one["metadata"].get("namespace") for one in made}
    assert namespaces == {added.namespace, None}
    bound = [subject for one in made for subject in one.get("subjects", [])]
    assert bound
    assert all(subject["namespace"] == added.namespace for subject in bound)


STATUS = {"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1}


@pytest.mark.parametrize(
    ("status", "key", "up"),
    [
        (STATUS, "new", True),
        (STATUS, "old", False),
        (STATUS | {"observedGeneration": 1}, "new", False),
        (STATUS | {"replicas": 2}, "new", False),
        (STATUS | {"updatedReplicas": 0}, "new", False),
        (STATUS | {"availableReplicas": 0}, "new", False),
        ({}, "new", False),
    ],
)
def test_it_is_rolled_out_when_all_pods_are_new_and_available(
    status: dict[str, int], key: str, up: bool
) -> None:
    template = {"metadata": {"annotations": {addon.ANNOTATION: key}}}
    seen = {"metadata": {"generation": 2}, "spec": {"replicas": 1, "template": template}, "status": status}
    assert addon.rolled_out(seen, "new") is up


def test_pods_of_somebody_else_are_not_rolled_out() -> None:
    seen = {"metadata": {"generation": 2}, "spec": {"template": {"metadata": {}}}, "status": STATUS}
    assert not addon.rolled_out(seen, "new")


class Cluster(Runner):
    """A runner whose kubectl answers what it is told to."""

    def __init__(self, answers: dict[str, str]) -> None:
        super().__init__()
        self.answers = answers
        self.applied = b""

    def run(self, command: Any, *, feed: Any = None, **_more: Any) -> str:
        words = " ".join(command)
        if "apply" in command:
            self.applied = b"".join(feed)
            return ""
        for part, answer in self.answers.items():
            if part in words:
                return answer
        raise CommandError(command, 1, "not found", None)

    def wait(self, seconds: float) -> None:
        pass


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(cache=tmp_path / "cache", state=tmp_path / "state")
    made.state.mkdir()
    made.kubeconfig.write_text("")
    (made.state / "kube").write_text("")
    return made


def as_seen(added: Addon) -> str:
    """The Deployment as the API server has it once it is rolled out."""
    spec = deployment(added)["spec"]
    return json.dumps({"metadata": {"generation": 2}, "spec": spec, "status": STATUS})


def test_it_is_up_only_if_it_answers_too(added: Addon, paths: Paths) -> None:
    shown = as_seen(added)
    kube = paths.state / "kube"
    silent = Cluster({"get deployment": shown})
    assert addon.done(silent, kube, paths, added) is None
    answering = Cluster({"get deployment": shown, f"--raw {added.probe}": "ok"})
    assert addon.done(answering, kube, paths, added) == added.detail
    gone = Cluster({f"--raw {added.probe}": "ok"})
    assert addon.done(gone, kube, paths, added) is None


def test_nothing_is_up_before_there_is_a_cluster(added: Addon, tmp_path: Path) -> None:
    nowhere = Paths(cache=tmp_path / "cache", state=tmp_path / "elsewhere")
    assert addon.done(Cluster({}), tmp_path / "kube", nowhere, added) is None


def test_what_is_applied_is_the_text(added: Addon, paths: Paths) -> None:
    cluster = Cluster({"get deployment": as_seen(added), f"--raw {added.probe}": "ok"})
    assert addon.ensure(cluster, paths.state / "kube", paths, added, lambda _text: None) == added.detail
    assert cluster.applied.decode() == added.text


def test_one_that_never_answers_fails_with_its_warnings(
    added: Addon, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addon, "READY_SECONDS", 0)
    cluster = Cluster({"get events": "old\none: no such image\n"})
    with pytest.raises(StepError, match="it does not answer after 0 s:\nold\none: no such image") as raised:
        addon.ensure(cluster, paths.state / "kube", paths, added, lambda _text: None)
    assert f"kubectl logs -n {added.namespace} deploy/{added.name}" in raised.value.remedy


def planned(tmp_path: Path) -> Plan:
    paths = Paths(cache=tmp_path / "cache", state=tmp_path / "state")
    runner = Runner()
    tools = Builder(cache=paths.cache, logs=paths.logs, runner=runner)
    return Plan(paths=paths, record=Record(), runner=runner, tools=tools)


def test_they_are_steps_of_our_own_node_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    steps = planned(tmp_path).steps()
    check_order(steps)
    titles = ["Prometheus image", "Prometheus", "Metrics server image", "Metrics server"]
    assert [step.title for step in steps][-4:] == titles
    monkeypatch.setenv("KUBECONFIG", "/theirs")
    assert not set(titles) & {step.title for step in planned(tmp_path).steps()}
