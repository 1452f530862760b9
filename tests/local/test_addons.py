"""What is applied to the embedded cluster, when it counts as up, and the steps that bring it there."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import addon, addons, plan
from local.addon import Addon
from local.paths import Paths
from local.process import CommandError, Runner
from local.programs import ProgramImage
from local.site import Site
from local.steps import StepError, require_order
from local.tools import PAUSE

TAG = "127.0.0.1:5000/some:tag"


@pytest.fixture(params=[addons.PROMETHEUS, addons.METRICS_SERVER], ids=lambda one: one.name)
def added(request: pytest.FixtureRequest) -> Addon:
    return request.param


def objects(added: Addon) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(added.text(TAG)))


def deployment(added: Addon) -> dict[str, Any]:
    return next(one for one in objects(added) if one["kind"] == "Deployment")


def test_an_images_tag_follows_what_it_is_made_of_unless_it_has_a_version(tmp_path: Path) -> None:
    image = ProgramImage(name="some", tool=PAUSE, dockerfile="FROM scratch\n")
    binary = tmp_path / "binary"
    binary.write_bytes(b"one")
    one, fixed = image.image_for(binary), replace(image, version="1").image_for(binary)
    binary.write_bytes(b"two")
    assert re.fullmatch(r"127\.0\.0\.1:5000/some:[0-9a-f]{16}", one.tag)
    assert image.image_for(binary).tag != one.tag
    assert fixed.tag == "127.0.0.1:5000/some:1"


def test_the_image_has_the_program_its_dockerfile_copies(added: Addon, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"built")
    (name,) = added.image.image_for(tmp_path / "binary").files
    assert f"COPY {name} /" in added.image.dockerfile


def test_the_key_follows_manifests_and_image(added: Addon, tmp_path: Path) -> None:
    other = tmp_path / "manifests.yaml"
    other.write_text(added.manifests.read_text() + "\n")
    assert len({added.key(TAG), added.key("other"), replace(added, manifests=other).key(TAG)}) == 3


def test_the_pods_carry_image_and_key(added: Addon) -> None:
    template = deployment(added)["spec"]["template"]
    assert template["metadata"]["annotations"] == {addon.ANNOTATION: added.key(TAG)}
    assert {container["image"] for container in template["spec"]["containers"]} == {TAG}
    assert "$" not in added.text(TAG)


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
    assert addon.is_rolled_out(seen, "new") is up


def test_pods_of_somebody_else_are_not_rolled_out() -> None:
    seen = {"metadata": {"generation": 2}, "spec": {"template": {"metadata": {}}}, "status": STATUS}
    assert not addon.is_rolled_out(seen, "new")


class Cluster(Runner):
    """A runner whose kubectl answers what it is told to."""

    def __init__(self, answers: dict[str, str]) -> None:
        super().__init__()
        self.answers = {"go env GOVERSION": "go1.26.8", **answers}
        self.applied = b""

    def run(self, command: Any, *, feed: Any = None, **_more: Any) -> str:
        words = " ".join(command)
        if "apply" in command:
            self.applied = feed
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
    return made


def site(paths: Paths, added: Addon) -> tuple[Site, str]:
    """A site with the add-on's program built and a cluster that knows nothing, and the image's tag."""
    made = replace(Site.of(paths), runner=Cluster({}))
    made = replace(made, tools=replace(made.tools, runner=made.runner))
    binary = made.tools.path(added.image.tool)
    binary.parent.mkdir(parents=True, exist_ok=True)
    binary.write_bytes(b"built")
    return made, added.image.image_for(binary).tag


def answer(site: Site, answers: dict[str, str]) -> Cluster:
    cluster = site.runner
    assert isinstance(cluster, Cluster)
    cluster.answers |= answers
    return cluster


def as_seen(added: Addon, tag: str) -> str:
    """The Deployment as the API server has it once it is rolled out."""
    made = next(one for one in yaml.safe_load_all(added.text(tag)) if one["kind"] == "Deployment")
    return json.dumps({"metadata": {"generation": 2}, "spec": made["spec"], "status": STATUS})


def test_it_is_up_only_if_it_answers_too(added: Addon, paths: Paths) -> None:
    gone, tag = site(paths, added)
    answer(gone, {f"--raw {added.probe}": "ok"})
    assert added.done(gone) is None
    silent, _ = site(paths, added)
    answer(silent, {"get deployment": as_seen(added, tag)})
    assert added.done(silent) is None
    answer(silent, {f"--raw {added.probe}": "ok"})
    assert added.done(silent) == f"{tag} as {added.namespace}/{added.name}"


def test_nothing_is_up_before_there_is_a_cluster_and_a_program(added: Addon, paths: Paths) -> None:
    made, tag = site(paths, added)
    answer(made, {"get deployment": as_seen(added, tag), f"--raw {added.probe}": "ok"})
    made.paths.kubeconfig.unlink()
    assert added.done(made) is None
    made.paths.kubeconfig.touch()
    assert added.done(made) is not None
    made.tools.path(added.image.tool).unlink()
    assert added.done(made) is None


def test_what_is_applied_is_the_text(added: Addon, paths: Paths) -> None:
    made, tag = site(paths, added)
    cluster = answer(made, {"get deployment": as_seen(added, tag), f"--raw {added.probe}": "ok"})
    assert added.ensure(made, lambda _text: None) == f"{tag} as {added.namespace}/{added.name}"
    assert cluster.applied.decode() == added.text(tag)


def test_one_that_never_answers_fails_with_its_warnings(
    added: Addon, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addon, "READY_SECONDS", 0)
    made, _ = site(paths, added)
    answer(made, {"get events": "old\none: no such image\n"})
    with pytest.raises(StepError, match="it does not answer after 0 s:\nold\none: no such image") as raised:
        added.ensure(made, lambda _text: None)
    assert f"kubectl logs -n {added.namespace} deploy/{added.name}" in raised.value.remedy


def test_they_are_steps_of_our_own_node_alone(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    steps = plan.steps(Site.of(paths))
    require_order(steps)
    titles = ["Prometheus image", "Prometheus", "Metrics server image", "Metrics server"]
    assert [step.title for step in steps][-4:] == titles
    monkeypatch.setenv("KUBECONFIG", "/theirs")
    assert not set(titles) & {step.title for step in plan.steps(Site.of(paths))}
