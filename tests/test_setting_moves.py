"""Every setting, changed on a running service: what changes, and that nothing is lost by it."""

import functools
import json
import runpy
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from components.config.schema import MAPS, all_settings, settings
from components.image import Version
from tests.support.recording import Recorded, Recording, Secret, Unknown, record
from tests.support.setting_moves import MOVES, Effect
from tests.support.stack_config import ROOT, given, nested

ORDER: tuple[Effect, ...] = ("moves", "builds", "rolls pods", "replaces", "in place", "nothing")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the sample service, for a stack file of its own."""
    found = tmp_path_factory.mktemp("checkout")
    (found / "app").symlink_to(ROOT / "app")
    (found / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    return found


@pytest.fixture(autouse=True)
def _in_the_checkout(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)
    monkeypatch.setattr("components.config.require_access", lambda *_: None)
    version = Version(name="v1", commit="c0ffee42" * 5)
    monkeypatch.setattr("components.image.go_image.describe", lambda _context: version)


def before_and_after(key: str) -> tuple[Recording, Recording]:
    """The program before and after the change of a setting."""
    move = MOVES[key]
    changes = move.beside | move.with_it | {key: move.value}
    return run(json.dumps(move.beside, sort_keys=True)), run(json.dumps(changes, sort_keys=True))


@functools.cache
def run(changes: str) -> Recording:
    """The program with settings by key, as JSON, over those of the dev stack."""
    stored = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    for key, value in json.loads(changes).items():
        stored = nested(stored, key, encrypted(value) if all_settings()[key].kind.secret else value)
    Path("Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": stored}))
    config, secret_keys = given(stored)
    recording = record(
        lambda: runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__"),
        config=config,
        secret_keys=secret_keys,
    )
    # The plugin hashes the Dockerfile with the context.
    for build in (r for r in recording.resources if r.name == "sample-build" and "dockerfile" in r.inputs):
        build.inputs["dockerfile"] = Path(build.inputs["dockerfile"]["location"]).read_text()
    return recording


def encrypted(value: Any) -> Any:
    """A secret as a stack file has it, or each of a map."""
    if isinstance(value, dict):
        return {name: encrypted(text) for name, text in cast("dict[str, Any]", value).items()}
    return {"secure": value}


def comparable(value: Any) -> str:
    def shown(special: Any) -> Any:
        return {"secret": special.value} if isinstance(special, Secret) else f"unknown {Unknown.__name__}"

    return json.dumps(value, sort_keys=True, default=shown)


def changed(before: Recording, after: Recording) -> set[str]:
    """Names of the resources that are added, removed or registered otherwise, components left out."""

    def inputs(recording: Recording) -> dict[str, str]:
        return {r.name: comparable(r.inputs) for r in recording.resources if r.custom}

    old, new = inputs(before), inputs(after)
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def of_kubernetes(recording: Recording) -> dict[str, Recorded]:
    return {r.name: r for r in recording.resources if r.type.startswith("kubernetes:")}


def behind(resource: Recorded, recording: Recording) -> set[str]:
    """What a resource comes after, directly or not."""
    by_urn = {r.urn: r for r in recording.resources}
    found: set[str] = set()
    waiting = list(resource.dependencies)
    while waiting:
        if (urn := waiting.pop()) not in found:
            found.add(urn)
            waiting += by_urn[urn].dependencies
    return found


def effect(before: Recording, after: Recording) -> Effect:
    names = changed(before, after)
    old, new = of_kubernetes(before), of_kubernetes(after)

    def pods(objects: dict[str, Recorded]) -> str:
        return comparable(objects["sample-deployment"].inputs["spec"]["template"])

    def place(objects: dict[str, Recorded]) -> Any:
        return objects["sample-deployment"].inputs["metadata"]["namespace"]

    found: set[Effect] = {"nothing"}
    if "sample-deployment" not in new or place(old) != place(new):
        return "moves"
    if names & {"sample-build", "sample-stable"}:
        found.add("builds")
    if pods(old) != pods(new):
        found.add("rolls pods")
    unnamed = {name for name in names & old.keys() & new.keys() if "name" not in new[name].inputs["metadata"]}
    if unnamed:
        found.add("replaces")
    if names - unnamed:
        found.add("in place")
    return min(found, key=ORDER.index)


def test_every_setting_has_a_row() -> None:
    assert set(MOVES) == set(settings()) | set(MAPS)


@pytest.mark.parametrize("key", MOVES)
def test_a_change_does_what_its_row_says(key: str) -> None:
    before, after = before_and_after(key)
    assert effect(before, after) == MOVES[key].effect, changed(before, after)


@pytest.mark.parametrize("key", MOVES)
def test_what_old_pods_use_does_not_change_before_they_are_gone(key: str) -> None:
    """What has a name of its own changes after the Deployment; what has none lives as long as its pods."""
    before, after = before_and_after(key)
    old, new = of_kubernetes(before), of_kubernetes(after)
    deployment = next(
        r.urn for r in new.values() if r.type.endswith(":Deployment") and "canary" not in r.name
    )
    for name in changed(before, after) & old.keys() & new.keys():
        resource = new[name]
        if "name" in resource.inputs["metadata"] and not resource.type.endswith(
            (":Deployment", ":Namespace")
        ):
            same = resource.inputs["metadata"] == old[name].inputs["metadata"]
            assert not same or deployment in behind(resource, after), (
                f"{name} changes before old pods are gone"
            )


@pytest.mark.parametrize("key", MOVES)
def test_no_change_deletes_a_namespace_or_an_image(key: str) -> None:
    kept = ("Namespace", "docker-build:index:Image", "docker-build:index:Index", "docker:index/image:Image")
    for recording in before_and_after(key):
        holders = [r for r in recording.resources if r.type.endswith(kept)]
        assert holders
        assert [r.name for r in holders if not r.retain_on_delete] == []
