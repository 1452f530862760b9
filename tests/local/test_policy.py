"""The rules at every `up`, and in a preview of their own; with a stand-in for the engine."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from components.operate import policy_options
from local import policy, stack
from local.paths import Paths
from local.steps import StepError
from policies.catalog import RULES
from policies.reports.format import Format

ENGINE = """\
#!/bin/sh
printf '%s ' "$@" >> "$SAID"
echo >> "$SAID"
[ -z "$POLICY_RESULTS" ] || [ -z "$FINDS" ] || printf '%s\\n' "$FINDS" >> "$POLICY_RESULTS"
exit "$CODE"
"""


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/PulumiPolicy.yaml").touch()
    (tmp_path / "policies/prod.json").write_text('{"all": "mandatory"}')
    (tmp_path / "policies/dev.json").write_text('{"all": "advisory"}')
    (tmp_path / "bin").mkdir()
    engine = tmp_path / "bin/pulumi"
    engine.write_text(ENGINE)
    engine.chmod(0o755)
    return Paths(cache=tmp_path / "cache", state=tmp_path / "state", checkout=tmp_path)


def engine(paths: Paths, *, code: int = 0, finds: str = "") -> dict[str, str]:
    path = f"{paths.checkout / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "SAID": str(paths.checkout / "said"), "CODE": str(code), "FINDS": finds}


def said(paths: Paths) -> str:
    return (paths.checkout / "said").read_text().strip()


def test_the_options_are_those_of_a_rollback(paths: Paths) -> None:
    for name in ("dev", "staging"):
        assert policy.options(paths.checkout, name) == policy_options(paths.checkout, name)


def test_a_wrong_configuration_is_reported_before_the_engine_starts(paths: Paths) -> None:
    (paths.checkout / "policies/dev.json").write_text('{"pod-host-port": "mandatory"}')
    with pytest.raises(StepError) as caught:
        stack.up(engine(paths), paths, "dev", refresh=False)
    assert str(caught.value) == (
        "policies/dev.json is wrong:\npod-host-port: there is no such rule; did you mean pod-host-ports?"
    )
    assert not (paths.checkout / "said").exists()


def test_up_has_the_rules_checked(paths: Paths) -> None:
    stack.up(engine(paths), paths, "dev", refresh=True)
    assert said(paths) == (
        "up --yes --stack dev --policy-pack policies --policy-pack-config policies/dev.json --refresh"
    )


@pytest.mark.parametrize("pending", [[], [{"type": "creating"}]])
def test_what_a_killed_update_was_creating_is_forgotten_first(paths: Paths, pending: list[Any]) -> None:
    """Pulumi would warn of it for ever."""
    state = paths.pulumi_state / ".pulumi/stacks/goservice/dev.json"
    state.parent.mkdir(parents=True)
    state.write_text(json.dumps({"checkpoint": {"latest": {"pending_operations": pending}}}))
    stack.up(engine(paths), paths, "dev", refresh=False)
    forgets = "refresh --yes --skip-preview --clear-pending-creates --stack dev"
    *first, last = (line.strip() for line in said(paths).splitlines())
    assert first == ([forgets] if pending else [])
    assert last.startswith("up --yes --stack dev")


def test_a_preview_shows_the_summary_and_gives_the_engines_exit_code(
    paths: Paths, capfd: pytest.CaptureFixture[str]
) -> None:
    rule = RULES[0].name
    finding = {"rule": rule, "type": "a:b:C", "name": "web", "origin": "urn:x", "path": "p", "message": "bad"}
    finds = json.dumps({"rule": rule, "judged": ["urn:x"], "findings": [finding | {"exemption": None}]})
    file = paths.checkout / "results"
    file.write_text("left by another run\n")
    code = policy.preview(engine(paths, code=7, finds=finds), paths, "prod", Format.TABLE, file)
    assert code == 7
    assert said(paths) == (
        "preview --stack prod --policy-pack policies --policy-pack-config policies/prod.json"
    )
    shown = capfd.readouterr().out
    assert f"{len(RULES)} rules on 1 resource: 1 failed, {len(RULES) - 1} not run" in shown
    assert rule in shown
    assert json.loads(file.read_text())["rule"] == rule


def test_a_preview_that_fails_before_the_rules_shows_no_summary(
    paths: Paths, capfd: pytest.CaptureFixture[str]
) -> None:
    code = policy.preview(engine(paths, code=255), paths, "dev", Format.JSON, paths.checkout / "results")
    assert code == 255
    assert capfd.readouterr().out == ""
