"""The configuration of a stack, read from outside of the program by `pulumi`."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.config import ConfigError, PulumiError, load_stack
from tests.support.loaded_settings import ENCRYPTED, PASSWORD, write_stack_file
from tests.support.programs import alone_on_path, write_program
from tests.support.stack_config import merged


@pytest.fixture(autouse=True)
def _at_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: goservice\nruntime: python\n")
    alone_on_path(monkeypatch, tmp_path / "bin")


def pulumi(directory: Path, secret: tuple[str, ...] = (), **sections: Any) -> Path:
    """A pulumi that shows a stack's configuration as the real one does. Returns the file of its arguments."""
    values = merged({f"goservice:{name}": value for name, value in sections.items()})
    values["kubernetes:context"] = "staging"
    shown = {key: {"value": text, "secret": key.partition(":")[2] in secret} for key, text in values.items()}
    (directory / "shown.json").write_text(json.dumps(shown))
    return write_program(directory / "bin", "pulumi", f"cat {directory}/shown.json")


IMAGE = {"repository": "ghcr.io/acme/shop"}


def test_a_stack_is_read_as_the_program_reads_it(tmp_path: Path) -> None:
    log = pulumi(tmp_path, image=IMAGE, service={"name": "shop", "namespace": "team"})
    settings = load_stack("dev")
    assert (settings.name, settings.namespace, settings.strategy) == ("shop", "team", "rolling")
    assert settings.image.repository == "ghcr.io/acme/shop"
    assert settings.provider == {"context": "staging"}
    assert log.read_text() == "config --json --show-secrets --stack dev\n"


def test_secrets_are_read_and_not_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_stack_file(secrets={"TOKEN": ENCRYPTED}, image=IMAGE)
    pulumi(tmp_path, ("secrets",), image=IMAGE, secrets={"TOKEN": PASSWORD})
    settings = load_stack("acme/shop/dev")
    assert settings.service.keywords["secrets"] == {"TOKEN": PASSWORD}
    assert PASSWORD not in repr(settings)
    shown = capfd.readouterr()
    assert PASSWORD not in shown.out + shown.err


def test_a_secret_in_clear_is_refused_here_too(tmp_path: Path) -> None:
    pulumi(tmp_path, image=IMAGE, secrets={"TOKEN": PASSWORD})
    with pytest.raises(ConfigError) as refused:
        load_stack("acme/shop/dev")
    assert str(refused.value) == (
        "1 setting is wrong in stack dev:\n"
        "  secrets.TOKEN: is stored in clear; set a new value with"
        " pulumi config set --path --secret secrets.TOKEN"
    )


def test_an_error_of_pulumi_is_passed_on(tmp_path: Path) -> None:
    write_program(tmp_path / "bin", "pulumi", "echo \"error: no stack named 'x' found\" >&2; exit 255")
    with pytest.raises(PulumiError) as refused:
        load_stack("x")
    assert str(refused.value) == "no stack named 'x' found"


def test_without_pulumi_the_remedy_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PulumiError) as refused:
        load_stack("dev")
    assert str(refused.value) == "pulumi was not found; install it, or run this through make"


def test_another_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").unlink()
    with pytest.raises(PulumiError) as refused:
        load_stack("dev")
    assert str(refused.value) == (
        "there is no Pulumi.yaml in this folder; run this in the folder of the program"
    )
