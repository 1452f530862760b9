"""`python -m policies.check`: exit codes, choice of rules, formats, and what cannot be read."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from policies import check, summary
from policies.catalog import RULES
from policies.judging.config import Settings
from policies.reports import printing
from policies.reports.format import Format
from policies.reports.results import write

from .sample_rules import LIMIT, thing

ROOT = Path(__file__).parents[2]
BAD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  hostNetwork: true
  containers: [{name: web, image: web}]
"""
GOOD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: web
    image: web
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
"""


def run(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
    result = CliRunner().invoke(check.app, arguments, input=stdin)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def bad(tmp_path: Path) -> str:
    (tmp_path / "bad.yaml").write_text(f"# the shop\n---\n{BAD}")
    return str(tmp_path / "bad.yaml")


@pytest.fixture
def good(tmp_path: Path) -> str:
    (tmp_path / "good.yaml").write_text(GOOD)
    return str(tmp_path / "good.yaml")


def test_clean_manifests_exit_with_0(good: str) -> None:
    code, out, err = run(good, "--standard", "restricted")
    count = sum(rule.standard is not None for rule in RULES)
    assert (code, out, err) == (0, f"{count} rules on 1 resource: {count} passed\n", "")


def test_violations_exit_with_1_and_name_file_and_line(bad: str) -> None:
    code, out, _ = run(bad, "--rules", "pod-host-namespaces")
    assert code == 1
    assert f"  {bad}:7 Pod shop/web\n    spec.hostNetwork: " in out
    assert out.endswith("1 rule on 1 resource: 1 failed\n")


def test_without_a_choice_every_rule_judges(bad: str) -> None:
    document = json.loads(run(bad, "--format", "json")[1])
    assert {rule["name"] for rule in document["rules"]} == {rule.name for rule in RULES}


def test_all_files_are_judged_together(bad: str, good: str) -> None:
    document = json.loads(run(good, bad, "--rules", "pod-host-namespaces", "--format", "json")[1])
    assert document["resources"] == 2
    assert [each["file"] for each in document["violations"]] == [bad]


def test_a_standard_has_the_controls_of_the_one_before_it(bad: str) -> None:
    for standard, profiles in (("baseline", {"baseline"}), ("restricted", {"baseline", "restricted"})):
        document = json.loads(run(bad, "--standard", standard, "--format", "json")[1])
        assert {rule["standard"] for rule in document["rules"]} == profiles
        names = {rule.name for rule in RULES if rule.standard in profiles}
        assert {rule["name"] for rule in document["rules"]} == names


def test_named_rules_are_those_of_the_standard_where_both_are_given(bad: str) -> None:
    names = "pod-host-namespaces,pod-non-root, pod-requests"
    document = json.loads(run(bad, "--rules", names, "--standard", "baseline", "--format", "json")[1])
    assert [rule["name"] for rule in document["rules"]] == ["pod-host-namespaces"]


def test_stdin_is_read_for_a_dash() -> None:
    code, out, _ = run("-", "--rules", "pod-host-namespaces", stdin=BAD)
    assert code == 1
    assert "  stdin:5 Pod shop/web\n" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rules", "pod-host-namespace"], "there is no rule 'pod-host-namespace'; did you mean pod-host-"),
        (["--rules", "zzz,pod-non-root"], "there is no rule 'zzz'\n"),
        (
            ["--rules", "pod-requests", "--standard", "baseline"],
            "no rule in 'pod-requests' belongs to baseline",
        ),
        (["--rules", ""], "--rules is empty; leave it out to check all rules"),
        (["--standard", "privileged"], "'privileged' is not one of"),
        (["--format", "xml"], "'xml' is not one of"),
        (["--config", "none.json"], "none.json: No such file or directory"),
    ],
)
def test_unusable_options_exit_with_2(good: str, arguments: list[str], said: str) -> None:
    code, out, err = run(good, *arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_no_file_at_all_exits_with_2() -> None:
    assert run()[0] == 2


def test_unreadable_input_exits_with_2_and_names_each_file_and_line(tmp_path: Path, bad: str) -> None:
    (tmp_path / "broken.yaml").write_text("apiVersion: v1\nkind: Pod\n  metadata: {}\n")
    (tmp_path / "list.yaml").write_text("---\n- a\n")
    (tmp_path / "bytes.yaml").write_bytes(b"apiVersion: v1\nkind: \xff\n")
    broken, listed, data = (str(tmp_path / f"{name}.yaml") for name in ("broken", "list", "bytes"))
    code, out, err = run(bad, broken, listed, data, str(tmp_path / "none.yaml"), str(tmp_path))
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert lines[0].startswith(f"error: {broken}:3: not YAML: ")
    assert lines[1:] == [
        f"error: {listed}:2: a Kubernetes object has to be a map, not a list",
        f"error: {data}:2: not UTF-8: invalid start byte",
        f"error: {tmp_path / 'none.yaml'}:1: No such file or directory",
        f"error: {tmp_path}:1: Is a directory",
    ]


def test_a_byte_order_mark_is_no_part_of_the_manifest(tmp_path: Path) -> None:
    file = tmp_path / "bom.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + BAD.encode())
    assert run(str(file), "--rules", "pod-host-namespaces")[0] == 1


def config(tmp_path: Path, **given: object) -> str:
    file = tmp_path / "config.json"
    file.write_text(json.dumps({name.replace("_", "-"): value for name, value in given.items()}))
    return str(file)


def test_advice_is_shown_and_does_not_fail(tmp_path: Path, bad: str) -> None:
    code, out, _ = run(bad, "--rules", "pod-host-namespaces", "--config", config(tmp_path, all="advisory"))
    assert code == 0
    assert out.startswith("advised pod-host-namespaces (high): ")


def test_a_disabled_rule_does_not_judge(tmp_path: Path, bad: str) -> None:
    given = config(tmp_path, pod_host_namespaces="disabled")
    document = json.loads(run(bad, "--config", given, "--format", "json")[1])
    assert "pod-host-namespaces" not in {rule["name"] for rule in document["rules"]}


@pytest.mark.parametrize(("expires", "code"), [("2999-12-31", 0), ("2020-12-31", 1)])
def test_an_exemption_holds_until_its_day(tmp_path: Path, bad: str, expires: str, code: int) -> None:
    exemption = {"resource": "shop/web", "reason": "A monitor of the node.", "expires": expires}
    given = config(tmp_path, pod_host_namespaces={"exemptions": [exemption]})
    exited, out, _ = run(bad, "--rules", "pod-host-namespaces", "--config", given)
    assert exited == code
    assert ("its exemption expired on 2020-12-31: A monitor of the node." in out) == (code == 1)
    assert ("shop/web, until 2999-12-31: A monitor of the node." in out) == (code == 0)


def test_a_wrong_configuration_exits_with_2(tmp_path: Path, good: str) -> None:
    code, out, err = run(good, "--config", config(tmp_path, pod_host={}, all="loud"))
    assert (code, out) == (2, "")
    assert [line.split(":")[:2] for line in err.splitlines()] == [["error", " pod-host"], ["error", " all"]]


@pytest.mark.parametrize("wanted", ["table", "markdown", "sarif", "json"])
def test_every_format_is_printed(bad: str, wanted: str) -> None:
    code, out, _ = run(bad, "--standard", "baseline", "--format", wanted)
    assert code == 1
    assert "pod-host-namespaces" in out
    assert out.endswith("\n")
    if wanted in ("sarif", "json"):
        assert isinstance(json.loads(out), dict)


def test_it_runs_as_a_module_from_the_top() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "policies.check", "-", "--rules", "pod-host-namespaces"],
        cwd=ROOT,
        input=BAD,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "spec.hostNetwork" in done.stdout


def test_a_table_is_as_wide_as_the_log_of_a_pipeline(capsys: pytest.CaptureFixture[str]) -> None:
    verdict = check.report(
        check.judge([thing("x" * 100, size=9)], [LIMIT], {"size-limit": Settings(options={"most": 3})}),
        [LIMIT],
        {"size-limit": Settings()},
    )
    printing.show(verdict, Format.TABLE, violations=False)
    assert f"size-limit  high      failed   {'x' * 100}" in capsys.readouterr().out


def test_results_of_the_engine_are_shown_once_more(tmp_path: Path) -> None:
    file = tmp_path / "results"
    rule = RULES[0]
    write(file, rule.name, [thing()], [])
    result = CliRunner().invoke(summary.app, [str(file), "--format", "json"])
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["resources"] == 1
    outcomes = {each["name"]: each["outcome"] for each in document["rules"]}
    assert outcomes.pop(rule.name) == "passed"
    assert set(outcomes.values()) == {"not run"}


def test_a_file_without_results_exits_with_2(tmp_path: Path) -> None:
    result = CliRunner().invoke(summary.app, [str(tmp_path / "none")])
    assert (result.exit_code, result.stderr) == (
        2,
        f"error: {tmp_path / 'none'}: No such file or directory\n",
    )
