"""The generated documentation: the table of settings in the README, and the page about policies."""

import pytest
import yaml

from docs.generate import files, generated, main, table
from docs.policies import page
from policies.catalog import RULES, SUBJECTS
from policies.model import Option, ResourceRule

from .stack_config import ROOT


def test_the_readme_lists_the_settings_as_pulumi_yaml_has_them() -> None:
    readme = (ROOT / "README.md").read_text()
    settings = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    assert readme == generated(readme, settings), "run make docs"
    assert "| `image.repository` | string | required |" in readme


def test_one_row_for_each_setting() -> None:
    settings = {
        "a.b": {"type": "integer", "default": 3, "description": "One | two"},
        "a.c": {"type": "array", "items": {"type": "string"}, "default": ["x"], "description": "List"},
        "d": {"type": "object", "default": {}, "description": "Map"},
        "e": {"type": "string", "description": "Needed"},
        "f": {"type": "boolean", "default": True, "description": "Switch"},
    }
    assert table(settings) == (
        "| Key | Type | Default | Meaning |\n"
        "|---|---|---|---|\n"
        "| `a.b` | integer | `3` | One \\| two |\n"
        '| `a.c` | list of strings | `["x"]` | List |\n'
        "| `d` | map |  | Map |\n"
        "| `e` | string | required | Needed |\n"
        "| `f` | boolean | `true` | Switch |"
    )


def test_only_what_is_between_the_markers_changes() -> None:
    readme = "before\n<!-- config:begin -->\nold\n<!-- config:end -->\nafter\n"
    settings = {"a": {"type": "string", "default": "x", "description": "A"}}
    new = generated(readme, settings)
    assert new.startswith("before\n<!-- config:begin -->\n| Key")
    assert new.endswith("| A |\n<!-- config:end -->\nafter\n")
    assert generated(new, settings) == new


def test_a_readme_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match=r"README\.md has no <!-- config:begin -->"):
        generated("nothing", {})


def test_what_is_generated_is_up_to_date() -> None:
    assert {file.name for file in files()} == {"README.md", "policies.md"}
    for file, text in files().items():
        assert file.read_text() == text, f"{file.name}: run make docs"
    assert main(["--check"]) == 0


def test_every_rule_has_a_row_and_a_section_in_the_page() -> None:
    text = page(SUBJECTS)
    for rule in RULES:
        assert text.count(f"\n| [{rule.name}](#{rule.name}) | {rule.severity} |") == 1
        section = text.partition(f"\n### {rule.name}\n")[2].partition("\n### ")[0]
        for said in (rule.asks, rule.why, rule.remedy, rule.example.strip(), *rule.options):
            assert said in section


def test_a_section_says_all_there_is_to_say() -> None:
    rule = ResourceRule(
        name="pod-x",
        asks="Pods x.",
        why="They break.",
        remedy="Set x.",
        example="spec: {x: true}",
        severity="high",
        control="X",
        standard="baseline",
        options={"most": Option(schema={"type": "integer"}, default=3, meaning="Pods | nodes.")},
        check=lambda _resource, _options: iter(()),
        fix=lambda _resource: None,
    )
    text = page({"Pods": (rule,)})
    assert "| [pod-x](#pod-x) | high | baseline: X |" in text
    assert text.endswith(
        "## Pods\n\n### pod-x\n\nPods x.\n\nControl *X* of the Pod Security Standards, profile baseline.\n\n"
        "**Why:** They break.\n\n**Fix:** Set x. At level `remediate` the pack does so.\n\n"
        "```yaml\nspec: {x: true}\n```\n\n"
        "| Option | Default | Meaning |\n|---|---|---|\n| `most` | `3` | Pods \\| nodes. |\n"
    )


def test_a_check_of_outdated_documentation_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("docs.generate.page", lambda _subjects: "newer")
    assert main(["--check"]) == 1
    assert capsys.readouterr().err == "docs/policies.md is out of date; run make docs\n"
