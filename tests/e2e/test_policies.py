"""The rules through the real engine: our own stacks pass, and a stack that breaks rules does not."""

import json
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from .conftest import Embedded, Result

pytestmark = pytest.mark.e2e

TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
# One of each subject, with the resource that breaks it.
BROKEN = {
    ("pod-host-ports", "ports"),
    ("availability-replicas", "single"),
    ("image-digest", "tagged"),
    ("network-service-type", "open"),
    ("secret-command", "clear"),
    ("machine-user", "root"),
}


class Program:
    """A throwaway program with a state of its own, and the results of the rules on it."""

    def __init__(self, embedded: Embedded, directory: Path) -> None:
        self.directory = directory
        self._results = directory / "results"
        (directory / "state").mkdir()
        backend = {"PULUMI_BACKEND_URL": f"file://{directory / 'state'}"}
        self._engine = replace(embedded, checkout=directory, env=embedded.env | backend)
        self._checkout = embedded.checkout
        self._engine.pulumi("stack", "init", "throwaway").ok()

    def run(self, command: str, config: str | dict[str, Any], *arguments: str) -> Result:
        """A command of the engine with the rules, configured as our stack of that name or as given."""
        file = self._checkout / "policies" / f"{config}.json"
        if isinstance(config, dict):
            file = self.directory / "config.json"
            file.write_text(json.dumps(config))
        self._results.unlink(missing_ok=True)
        packs = ("--policy-pack", str(self._checkout / "policies"), "--policy-pack-config", str(file))
        env = {"POLICY_RESULTS": str(self._results)}
        return self._engine.pulumi(command, "--stack", "throwaway", *packs, *arguments, env=env)

    def violations(self) -> list[dict[str, Any]]:
        """What the rules found in the last run, exempted or not."""
        shown = self._checkout_python("-m", "policies.summary", str(self._results), "--format", "json").output
        return json.loads(shown)["violations"]

    def state(self) -> str:
        return self._engine.pulumi("stack", "export", "--stack", "throwaway").ok().output

    def _checkout_python(self, *arguments: str) -> Result:
        return replace(self._engine, checkout=self._checkout).run(sys.executable, *arguments).ok()


@pytest.fixture
def program(embedded: Embedded, tmp_path: Path) -> Program:
    shutil.copytree(Path(__file__).parent / "policy_program", tmp_path, dirs_exist_ok=True)
    return Program(embedded, tmp_path)


@pytest.fixture
def commands(embedded: Embedded, tmp_path: Path) -> Program:
    """A program of commands that leave nothing behind, so that it can be brought up."""
    (tmp_path / "Pulumi.yaml").write_text("name: throwaway\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(
        "from pulumi_command.local import Command\n"
        "later = Command('later', create='echo soon').stdout\n"
        f"Command('clear', create='cat > /dev/null', stdin='TOKEN={TOKEN}', environment={{'WHEN': later}})\n"
    )
    return Program(embedded, tmp_path)


def found(violations: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(each["rule"], each["resource"]) for each in violations}


def test_prod_fails_with_exactly_what_is_broken(program: Program) -> None:
    shown = program.run("preview", "prod").failed().output
    violations = program.violations()
    assert found(violations) == BROKEN
    assert len(violations) == len(BROKEN)
    assert shown.count("[mandatory]") == len(BROKEN)
    assert "[advisory]" not in shown
    for each in violations:
        for said in (each["rule"], each["message"], each["why"], each["remedy"]):
            assert said in shown
    assert TOKEN not in shown


def test_dev_passes_with_the_same_as_advice(program: Program) -> None:
    shown = program.run("preview", "dev").ok().output
    assert found(program.violations()) == BROKEN
    assert shown.count("[advisory]") == len(BROKEN)
    assert "[mandatory]" not in shown


def test_an_exemption_lets_one_resource_through_until_its_day(program: Program) -> None:
    def config(expires: str) -> dict[str, Any]:
        exemption = {"resource": "ports", "reason": "It watches the node.", "expires": expires}
        return {
            "all": "disabled",
            "secret-paths": "remediate",
            "pod-host-ports": {"enforcementLevel": "mandatory", "exemptions": [exemption]},
        }

    program.run("preview", config("2999-12-31")).ok()
    (exempted,) = program.violations()
    assert exempted["exemption"] == {"reason": "It watches the node.", "expires": "2999-12-31"}
    shown = program.run("preview", config("2020-12-31")).failed().output
    assert "(its exemption expired on 2020-12-31: It watches the node.)" in shown


def test_the_engine_refuses_an_exemption_without_a_reason(program: Program) -> None:
    exemption = {"resource": "ports", "expires": "2999-12-31"}
    shown = program.run("preview", {"pod-host-ports": {"exemptions": [exemption]}}).failed().output
    assert "pod-host-ports: exemptions.0: reason is required" in shown


def test_without_its_policy_for_secrets_the_pack_says_so(program: Program) -> None:
    shown = program.run("preview", {"all": "mandatory"}).failed().output
    assert 'set "secret-paths": "remediate" in the policy configuration' in shown
    assert "secret-command" not in {rule for rule, _ in found(program.violations())}


def test_a_remediation_keeps_a_credential_secret(commands: Program) -> None:
    config = {"all": "mandatory", "secret-paths": "remediate", "secret-command": "remediate"}
    commands.run("preview", config).ok()
    shown = commands.run("up", config, "--yes", "--skip-preview").ok().output
    assert "[remediate]  secret-command" in shown
    assert TOKEN not in commands.state()
    commands.run("preview", config, "--expect-no-changes").ok()


def test_without_remediation_the_same_program_fails(commands: Program) -> None:
    commands.run("preview", "prod").failed()
    assert found(commands.violations()) == {("secret-command", "clear")}


@pytest.fixture(scope="module")
def prod(embedded: Embedded) -> Iterator[Embedded]:
    """The production stack, previewed and never brought up."""
    yield replace(embedded, stack="prod")
    embedded.pulumi("stack", "rm", "prod", "--yes", "--preserve-config").ok()


@pytest.mark.parametrize("stack", ["embedded", "prod"])
def test_our_own_stacks_pass_without_exemption(stack: str, request: pytest.FixtureRequest) -> None:
    own: Embedded = request.getfixturevalue(stack)
    shown = own.make("policy").ok().output
    assert "[mandatory]" not in shown
    assert "[advisory]" not in shown
    last = shown.splitlines()[-1]
    assert last.endswith(f": {last.partition(' ')[0]} passed")


def test_the_rules_take_less_than_two_previews_more(
    prod: Embedded, capsys: pytest.CaptureFixture[str]
) -> None:
    def seconds(target: str) -> float:
        start = time.monotonic()
        prod.make(target).ok()
        return time.monotonic() - start

    seconds("preview")  # makes the stack
    plain, judged = (min(seconds(target) for _ in range(3)) for target in ("preview", "policy"))
    with capsys.disabled():
        print(f"\nmake preview {plain:.1f} s, make policy {judged:.1f} s")  # noqa: T201
    assert judged < 3 * plain
