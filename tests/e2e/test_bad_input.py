"""What is wrong is said before anything is touched: in the settings, and in what the program needs."""

import base64
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
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


def test_another_cluster_than_the_stacks_is_no_mistake_of_kubectl(settings: Embedded, tmp_path: Path) -> None:
    """The context that Pulumi is told is kubectl's too; one that there is not is named at once."""
    settings.pulumi("config", "set", "kubernetes:context", "nowhere", "--stack", "dev").ok()
    assert "nowhere" in settings.up().failed().output
    yaml = YAML()
    config = yaml.load(Path(settings.env["KUBECONFIG"]))
    ours = config["current-context"]
    dead = {"name": "dead", "cluster": {"server": "https://127.0.0.1:1"}}
    config["clusters"].append(dead)
    config["contexts"].append(
        {"name": "dead", "context": {"cluster": "dead", "user": config["users"][0]["name"]}}
    )
    config["current-context"] = "dead"
    with (tmp_path / "config").open("w") as file:
        yaml.dump(config, file)
    other = replace(settings, env=settings.env | {"KUBECONFIG": str(tmp_path / "config")})
    status = (sys.executable, "-m", "components.operate", "status")
    assert "nowhere" in other.run(*status).failed().output
    other.pulumi("config", "set", "kubernetes:context", ours, "--stack", "dev").ok()
    assert other.changes() == settings.changes(), "whichever context is the current one"
    assert "stable" in other.run(*status).ok().output


def seen(embedded: Embedded) -> dict[str, str]:
    """What a preview could change: the cluster, the registry, the state and the checkout."""
    kinds = "deployment,replicaset,pod,service,configmap,secret,networkpolicy,pdb,serviceaccount"
    found = {
        f"{each['kind']} {each['metadata']['name']}": each["metadata"]["resourceVersion"]
        for each in embedded.objects(kinds)
    }
    found["autoscaler"] = str(embedded.object("hpa")["spec"])
    registry = ssl.create_default_context(cafile=embedded.env["SSL_CERT_FILE"])
    found["tags"] = httpx.get("https://127.0.0.1:5000/v2/sample/tags/list", verify=registry).text
    found["state"] = embedded.pulumi("stack", "export", "--stack", "dev").ok().output
    found["checkout"] = (
        embedded.run("git", "status", "--porcelain", "--ignored", ":!Pulumi.dev.yaml").ok().output
    )
    return found


def test_a_preview_changes_nothing_anywhere(settings: Embedded) -> None:
    """Neither one that builds, with a cache to write, nor one that fails with an earlier release there."""
    settings.set(
        **{
            "image.buildOnPreview": True,
            "image.cacheTo": ["127.0.0.1:5000/sample:preview-cache"],
            "image.buildTags": ["preview"],
            "autoscaling.enabled": False,
            "service.port": 8099,
        }
    )
    before = seen(settings)
    settings.preview().ok()
    settings.set(**{"service.name": "other"})
    settings.preview().failed()  # as its node port is taken
    settings.run("git", "checkout", "--quiet", "--", "Pulumi.dev.yaml").ok()
    for target in ("preview", "policy", "status", "history"):
        settings.make(target).ok()
    after = seen(settings)
    assert {key: after.get(key) for key in before} == before
    assert after.keys() == before.keys()


def test_the_production_stack_previews(embedded: Embedded) -> None:
    """Without building or pushing: a pull request needs no registry."""
    production = replace(embedded, stack="prod")
    shown = production.make("preview").ok().output
    assert "create" in shown
    production.make("down").ok()
    assert not embedded.run("git", "status", "--porcelain").ok().output
