"""The components as a package of another program: installed in its own virtual environment, run elsewhere."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from .conftest import Embedded

pytestmark = pytest.mark.e2e

NAMESPACE = "own"
PROJECT = """\
name: own
runtime: {name: python, options: {virtualenv: venv}}
"""
# Two services in one namespace, one of them with a gate.
PROGRAM = """\
import pulumi
from goservice import Autoscaling, Canary, GoService, GoServiceArgs, Release, Rolling

image = pulumi.Config().require("image")
canary = Canary(prometheus="monitoring/prometheus:9090", steps=(50,))
for name, strategy in (("alpha", Rolling()), ("beta", canary)):
    args = GoServiceArgs(
        release=Release(image=image),
        name=name,
        namespace="own",
        autoscaling=Autoscaling(enabled=False),
        replicas=1,
        strategy=strategy,
    )
    GoService(name, args)
"""


@pytest.fixture
def own(embedded: Embedded, tmp_path: Path) -> Iterator[Embedded]:
    """A program elsewhere, with the package installed and its dependencies borrowed from this environment."""
    program, state = tmp_path / "program", tmp_path / "state"
    program.mkdir()
    state.mkdir()
    (program / "Pulumi.yaml").write_text(PROJECT)
    (program / "__main__.py").write_text(PROGRAM)
    environment = {"PULUMI_BACKEND_URL": state.as_uri(), "PULUMI_CONFIG_PASSPHRASE": "own"}
    found = replace(embedded, checkout=program, env=embedded.env | environment)
    found.run(sys.executable, "-m", "venv", "venv").ok()
    (packages,) = (program / "venv/lib").glob("python*/site-packages")
    (packages / "borrowed.pth").write_text(next(path for path in sys.path if path.endswith("site-packages")))
    found.run("venv/bin/python", "-m", "pip", "install", "--quiet", "--no-deps", str(embedded.checkout)).ok()
    found.pulumi("stack", "init", "dev").ok()
    found.pulumi("config", "set", "image", embedded.outputs()["image"], "--stack", "dev").ok()
    yield found
    found.pulumi("destroy", "--yes", "--skip-preview", "--stack", "dev").ok()
    found.kubectl("delete", "namespace", NAMESPACE, "--wait=false")


def test_two_services_share_a_namespace_and_the_gate_runs_from_where_it_is_installed(own: Embedded) -> None:
    own.up().ok()
    notes = own.object("deployment", "beta-canary", NAMESPACE)["metadata"]["annotations"]
    assert '"untried"' in notes["goservice/record"]
    assert {pod["status"]["phase"] for pod in own.objects("pods", NAMESPACE)} == {"Running"}
    assert own.changes() == {}
    # The one namespace is neither's to delete.
    (own.checkout / "__main__.py").write_text(
        PROGRAM.replace('(("alpha", Rolling()), ("beta", canary))', '[("beta", canary)]')
    )
    own.up().ok()
    assert own.object("namespace", NAMESPACE, NAMESPACE)["status"]["phase"] == "Active"
    own.object("deployment", "beta", NAMESPACE)
    assert own.changes() == {}
