"""What is wrong is said before anything is touched: in the settings, and in what the program needs."""

import base64
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from .conftest import Embedded

pytestmark = pytest.mark.e2e


@pytest.fixture
def settings(embedded: Embedded) -> Iterator[Embedded]:
    """The embedded default, its stack file put back afterwards."""
    file = embedded.checkout / "Pulumi.dev.yaml"
    before = file.read_bytes()
    yield embedded
    file.write_bytes(before)


def test_every_wrong_setting_is_named_at_once(settings: Embedded) -> None:
    settings.set(
        **{
            "service.name": "Not_DNS",
            "service.port": "abc",
            "service.nodePort": 99,
            "service.replica": 3,
            "image.repository": "127.0.0.1:5000/sample:latest",
            "image.builder": "kaniko",
            "image.base": "ubuntu",
            "image.platforms": ["linux/pdp11"],
            "image.context": "docs",
            "autoscaling.minReplicas": 9,
            "resources.cpuRequest": "lots",
            "secrets.API_TOKEN": "in-the-clear-5512",
        }
    )
    shown = settings.preview().failed().output
    for key in (
        "service.name",
        "service.port",
        "service.nodePort",
        "service.replica",
        "image.repository",
        "image.builder",
        "image.base",
        "image.platforms",
        "image.context",
        "autoscaling.minReplicas",
        "resources.cpuRequest",
        "secrets.API_TOKEN",
    ):
        assert key in shown, f"{key} is not named in:\n{shown}"
    assert "in-the-clear-5512" not in shown
    assert "Traceback" not in shown


def test_an_engine_that_is_not_running_is_named(settings: Embedded, tmp_path: Path) -> None:
    """Where BuildKit is the engine's own, as without a builder of buildx."""
    settings.set(**{"image.buildTags": ["pprof"]})
    own = {"DOCKER_CONFIG": str(tmp_path), "BUILDX_CONFIG": str(tmp_path), "DOCKER_CONTEXT": "default"}
    there = "host=unix:///nonexistent/docker.sock"
    settings.run("docker", "context", "create", "stopped", "--docker", there, env=own).ok()
    shown = settings.up(own | {"DOCKER_CONTEXT": "stopped"}).failed().output
    assert "unix:///nonexistent/docker.sock" in shown
    assert "Traceback" not in shown


def test_an_unreachable_registry_is_named(settings: Embedded) -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings.set(**{"image.repository": f"127.0.0.1:{port}/sample"})
    before = settings.get("/")
    shown = settings.up().failed().output
    assert f"127.0.0.1:{port}" in shown
    assert settings.get("/") == before


def broken_kubeconfig(embedded: Embedded, target: Path, **user: str) -> Embedded:
    yaml = YAML()
    config = yaml.load(Path(embedded.env["KUBECONFIG"]))
    if user:
        config["users"][0]["user"] = user
    else:
        config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    with target.open("w") as file:
        yaml.dump(config, file)
    return replace(embedded, env=embedded.env | {"KUBECONFIG": str(target)})


def test_an_unreachable_cluster_is_named_and_nothing_is_lost(embedded: Embedded, tmp_path: Path) -> None:
    start = time.monotonic()
    shown = broken_kubeconfig(embedded, tmp_path / "config").up().failed().output
    assert "https://127.0.0.1:1" in shown
    assert time.monotonic() - start < 60
    assert embedded.changes() == {}


def test_expired_credentials_are_named(embedded: Embedded, tmp_path: Path) -> None:
    token = base64.b64encode(b"expired").decode()
    shown = broken_kubeconfig(embedded, tmp_path / "config", token=token).preview().failed().output
    assert "401" in shown or "credential" in shown.lower()
    assert token not in shown
    assert embedded.changes() == {}


def test_the_production_stack_previews(embedded: Embedded) -> None:
    """Without building or pushing: a pull request needs no registry."""
    production = replace(embedded, stack="prod")
    shown = production.make("preview").ok().output
    assert "create" in shown
    production.make("down").ok()
    assert not embedded.run("git", "status", "--porcelain").ok().output
