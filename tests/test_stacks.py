"""Both stack files through the whole program."""

import json
import runpy
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from components.config.schema import MAPS, settings
from components.image import Version
from tests.support.golden_files import assert_golden
from tests.support.recording import DIGEST, Recording, Secret, Unknown, clear_strings, record
from tests.support.stack_config import ROOT, schema, stack


@pytest.fixture(autouse=True)
def _at_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program runs in the directory of Pulumi.yaml, here at a commit that stays the same."""
    for name in ("app", "Pulumi.dev.yaml", "Pulumi.prod.yaml"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("components.config.require_access", lambda *_: None)
    version = Version(
        name="v1.2.3-4-gc0ffee4", commit="c0ffee42" * 5, epoch=1767225600, on_default_branch=True
    )
    monkeypatch.setattr("components.image.go_image.describe", lambda _context: version)


def run(name: str, *, preview: bool = False, unproven: int = 0) -> Recording:
    config, secret_keys = stack(name)
    return record(
        lambda: runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__"),
        preview=preview,
        stack=name,
        config=config,
        secret_keys=secret_keys,
        unproven=unproven,
    )


def as_golden(value: Any) -> Any:
    """JSON with secrets and unknowns marked."""
    assert isinstance(value, Secret | Unknown)
    return {"(secret)": value.value} if isinstance(value, Secret) else "(unknown)"


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_registers_what_was_reviewed(name: str) -> None:
    recording = run(name)
    resources = {r.name: {"type": r.type, "inputs": r.inputs} for r in recording.resources if r.custom}
    text = json.dumps(resources, indent=2, sort_keys=True, default=as_golden)
    assert_golden(ROOT / f"tests/golden/stack-{name}.json", text + "\n")


def test_access_is_asked_for_first_and_what_the_cluster_counts_reaches_the_deployment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr("components.config.require_access", lambda *given: asked.append(given))
    recording = run("prod", unproven=3)
    assert len(asked) == 1
    annotations = recording["sample-deployment"].inputs["metadata"]["annotations"]
    assert annotations["goservice/after-unproven"] == "3"


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_everything_downstream_uses_the_digest(name: str) -> None:
    recording = run(name)
    repository = json.loads(stack(name)[0]["goservice:image"])["repository"]
    container = recording["sample-deployment"].inputs["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == f"{repository}@{DIGEST}"
    assert recording.exports["image"] == f"{repository}@{DIGEST}"


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_a_preview_without_a_build_leaves_the_digest_open(name: str) -> None:
    recording = run(name, preview=True)
    container = recording["sample-deployment"].inputs["spec"]["template"]["spec"]["containers"][0]
    assert isinstance(container["image"], Unknown)
    assert isinstance(recording.exports["image"], Unknown)
    assert recording["sample-build"].inputs["buildOnPreview"] is False
    annotations = recording["sample-deployment"].inputs["spec"]["template"]["metadata"]["annotations"]
    assert isinstance(annotations["checksum/secret"], str), "known values have a known hash"


@pytest.mark.parametrize("name", ["dev", "prod"])
@pytest.mark.parametrize("preview", [False, True])
def test_no_secret_is_registered_in_clear(name: str, preview: bool) -> None:
    recording = run(name, preview=preview)
    everything = [text for r in recording.resources for text in clear_strings(r.inputs)]
    everything += [text for outputs in recording.outputs.values() for text in clear_strings(outputs)]
    assert len(everything) > 100
    assert not [text for text in everything if "decrypted-" in text]
    held = recording["sample-secret"].inputs["stringData"]
    assert isinstance(held, Secret)
    assert all(value.startswith("decrypted-") for value in held.value.values())


def test_two_runs_register_the_same() -> None:
    def registered() -> str:
        resources = sorted(run("dev").resources, key=lambda r: r.urn)
        return json.dumps([r.inputs for r in resources], sort_keys=True, default=as_golden)

    assert registered() == registered()


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_exports(name: str) -> None:
    repository = json.loads(stack(name)[0]["goservice:image"])["repository"]
    address = {"dev": "http://sample.sample.svc/", "prod": "https://sample.example.com/"}[name]
    assert run(name).exports == {
        "image": f"{repository}@{DIGEST}",
        "tags": [f"{repository}:{tag}" for tag in ("v1.2.3-4-gc0ffee4", "sha-c0ffee42c0ff", "latest")],
        "version": "v1.2.3-4-gc0ffee4",
        "namespace": {"dev": "sample", "prod": "sample-prod"}[name],
        "deployment": "sample",
        "service": "sample",
        "url": address,
    } | ({"trial": "promoted: passed 9 samples"} if name == "prod" else {})


def test_no_machine_path_is_registered() -> None:
    paths = {f"{ROOT}/", f"{Path.home()}/"}
    everything = [text for r in run("dev").resources for text in clear_strings(r.inputs)]
    assert not [text for text in everything if any(path in text for path in paths)]


def test_pulumi_yaml_declares_the_settings_of_the_program() -> None:
    assert set(schema()) == set(settings()) | set(MAPS)


def test_pulumi_yaml_and_the_arguments_agree_on_defaults() -> None:
    for key, setting in settings().items():
        argument = next(f for f in fields(setting.owner) if f.name == setting.field)
        default = argument.default_factory() if callable(argument.default_factory) else argument.default
        declared = schema()[key]
        assert ("default" in declared) != setting.required, key
        if not setting.required:
            assert setting.kind.decode(declared["default"]) == default, key


def test_pulumi_yaml_and_the_arguments_agree_on_types() -> None:
    types = {
        "string": "a string",
        "integer": "an integer",
        "boolean": "a boolean",
        "array string": "a list of strings",
        "array integer": "a list of integers",
        "object": "a map of strings",
    }
    for key, setting in settings().items():
        declared = schema()[key]
        items = f" {declared['items']['type']}" if "items" in declared else ""
        # Pulumi.yaml has no type for decimals.
        wanted = (
            "a number"
            if setting.field.endswith("percent") and declared["type"] == "string"
            else types[declared["type"] + items]
        )
        assert wanted == setting.kind.name, key
