"""What came of the rules, in a table, Markdown, SARIF and JSON."""

import io
import json
from datetime import date
from typing import Any

import pytest
from rich.console import Console

from policies.judging import schema
from policies.judging.config import Settings
from policies.judging.exemptions import Exemption
from policies.judging.findings import Finding
from policies.reports import as_json, as_markdown, as_sarif, as_table
from policies.reports.report import Report, file_and_line, report, resource_label
from policies.reports.results import Results

from .sample_rules import ALONE, BROKEN, CLEAR, LIMIT

RULES = [ALONE, BROKEN, CLEAR, LIMIT]
EXEMPTION = Exemption(resource="old", reason="It is | old.", expires=date(2030, 1, 31))
URN = "urn:pulumi:dev::shop::acme:index:Thing::box"


def finding(rule: str, name: str = "box", **changes: Any) -> Finding:
    said: dict[str, Any] = {
        "type": "acme:index:Thing",
        "origin": "deploy/my things.yaml:7",
        "path": "sizes[0].big",
        "message": "is <4> | `4`",
    }
    return Finding(rule=rule, name=name, **said | changes)


def made(
    *findings: Finding, ran: str = "stack-alone size-broken size-clear size-limit", **levels: Any
) -> Report:
    settings = {
        rule.name: Settings(level=levels.get(rule.name.replace("-", "_"), "mandatory")) for rule in RULES
    }
    return report(Results(rules=frozenset(ran.split()), resources=2, findings=findings), RULES, settings)


MIXED = made(
    finding("size-limit"),
    finding("size-limit", "old", exemption=EXEMPTION),
    finding("stack-alone", path="", origin=URN),
    stack_alone="advisory",
    size_broken="disabled",
    ran="size-limit stack-alone size-clear",
)


def shown(result: Report, *, violations: bool = True) -> str:
    out = io.StringIO()
    as_table.show(result, Console(file=out, width=120), violations=violations)
    return out.getvalue()


def test_rules_come_by_outcome_and_severity() -> None:
    assert [(row.rule.name, row.outcome) for row in MIXED.rows] == [
        ("size-limit", "failed"),
        ("stack-alone", "advised"),
        ("size-clear", "passed"),
        ("size-broken", "disabled"),
    ]
    assert MIXED.failed
    assert MIXED.summary() == "4 rules on 2 resources: 1 failed, 1 advised, 1 passed, 1 disabled"


def test_only_what_is_mandatory_fails() -> None:
    assert not made().failed
    assert not made(finding("size-limit"), size_limit="advisory").failed
    assert made(finding("size-limit"), size_limit="remediate").failed
    assert not made(finding("size-limit", "old", exemption=EXEMPTION)).failed


def test_a_rule_whose_findings_are_all_exempted_is_exempted() -> None:
    result = made(finding("size-limit", "old", exemption=EXEMPTION))
    assert result.rows[0].outcome == "exempted"
    assert result.count("passed") == 3


def test_a_rule_the_engine_did_not_get_to_has_not_passed() -> None:
    result = made(ran="size-limit")
    assert (result.count("passed"), result.count("not run")) == (1, 3)


def test_places_are_files_and_lines_and_urns_have_none() -> None:
    assert file_and_line("a/b:c.yaml:12") == ("a/b:c.yaml", 12)
    assert file_and_line(URN) == (None, None)
    assert file_and_line("urn:pulumi:dev::shop::acme:index:Thing::box:12") == (None, None)
    assert file_and_line("") == (None, None)
    assert resource_label("kubernetes:apps/v1:Deployment", "shop/web") == "Deployment shop/web"
    assert resource_label("", "") == "the stack"


def test_a_table_shows_each_violation_first() -> None:
    before, after = shown(MIXED), shown(MIXED, violations=False)
    assert before == after.join(
        [
            """\
failed size-limit (high): Things are small.
  deploy/my things.yaml:7 Thing box
    sizes[0].big: is <4> | `4`
  why: Large ones | break *shelves*.
  fix: Set size: 1 <or less>.

advised stack-alone (low): Names are unique.
  Thing box
    is <4> | `4`
  why: They get mixed up.
  fix: Rename one.

""",
            "",
        ]
    )


def test_a_table_without_violations_is_the_summary_alone() -> None:
    lines = [line.rstrip() for line in shown(MIXED, violations=False).splitlines()]
    assert lines == [
        "rule         severity  outcome   where",
        "size-limit   high      failed    box",
        "size-limit   high      exempted  old, until 2030-01-31: It is | old.",
        "stack-alone  low       advised   box",
        "size-broken  medium    disabled",
        "4 rules on 2 resources: 1 failed, 1 advised, 1 passed, 1 disabled",
    ]
    assert shown(made()) == "4 rules on 2 resources: 4 passed\n"


def test_markdown_stays_in_its_cells() -> None:
    assert as_markdown.text(MIXED) == (
        "## Policies failed\n\n"
        "4 rules on 2 resources: 1 failed, 1 advised, 1 passed, 1 disabled.\n\n"
        "### Failed\n\n"
        "**`size-limit`** (high): Things are small.\n\n"
        "| Resource | Where | What |\n"
        "| --- | --- | --- |\n"
        "| Thing `box` (deploy/my things.yaml:7) | `sizes[0].big` | is &lt;4&gt; &#124; `4` |\n\n"
        "Large ones | break \\*shelves\\*. **Fix:** Set size: 1 &lt;or less&gt;.\n\n"
        "### Advice\n\n"
        "**`stack-alone`** (low): Names are unique.\n\n"
        "| Resource | Where | What |\n"
        "| --- | --- | --- |\n"
        "| Thing `box` |  | is &lt;4&gt; &#124; `4` |\n\n"
        "They get mixed up. **Fix:** Rename one.\n\n"
        "### Exempted\n\n"
        "| Rule | Resource | Until | Reason |\n"
        "| --- | --- | --- | --- |\n"
        "| `size-limit` | Thing `old` (deploy/my things.yaml:7) | 2030-01-31 | It is &#124; old. |\n\n"
        "<details><summary>Passed: 1</summary>\n\n`size-clear`\n\n</details>\n\n"
        "<details><summary>Disabled: 1</summary>\n\n`size-broken`\n\n</details>"
    )


@pytest.mark.parametrize("evil", ["a`b|c\nd", "<script>", "[x](y) @all #1 ![z](w)", "\\|"])
def test_no_message_breaks_out_of_the_markdown(evil: str) -> None:
    text = as_markdown.text(made(finding("size-limit", message=evil, path=evil)))
    (row,) = [line for line in text.splitlines() if line.startswith("| Thing")]
    assert row.count("|") == 4
    assert "<script>" not in row.replace("`<script>`", "")
    assert "![" not in row.split("|")[-2]


def test_markdown_of_what_passes() -> None:
    assert as_markdown.text(made()).startswith("## Policies passed\n\n4 rules on 2 resources: 4 passed.\n\n")


def test_json_is_the_same_for_the_same_results() -> None:
    document = json.loads(as_json.text(MIXED))
    assert list(document) == ["version", "resources", "failed", "rules", "violations"]
    assert document["rules"][0] == {
        "name": "size-limit",
        "severity": "high",
        "standard": "baseline",
        "control": "Size",
        "outcome": "failed",
        "violations": 1,
        "exempted": 1,
    }
    first, exempted, third = document["violations"]
    assert first == {
        "rule": "size-limit",
        "severity": "high",
        "standard": "baseline",
        "control": "Size",
        "type": "acme:index:Thing",
        "resource": "box",
        "origin": "deploy/my things.yaml:7",
        "file": "deploy/my things.yaml",
        "line": 7,
        "path": "sizes[0].big",
        "message": "is <4> | `4`",
        "why": "Large ones | break *shelves*.",
        "remedy": "Set size: 1 <or less>.",
        "exemption": None,
    }
    assert exempted["exemption"] == {"reason": "It is | old.", "expires": "2030-01-31"}
    assert (third["file"], third["line"], third["control"]) == (None, None, None)
    assert as_json.text(MIXED) == as_json.text(MIXED)


# What SARIF 2.1.0 requires of the objects used, and what GitHub's code scanning requires on top.
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RULE = {
    "type": "object",
    "required": ["id", "shortDescription", "fullDescription", "help"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "shortDescription": TEXT,
        "fullDescription": TEXT,
        "help": {"required": ["text", "markdown"], "properties": TEXT["properties"]},
        "defaultConfiguration": {"properties": {"level": LEVEL}, "additionalProperties": False},
        "properties": {
            "required": ["tags", "security-severity"],
            "properties": {
                "tags": {"type": "array", "items": {"type": "string"}},
                "precision": {"enum": ["very-high", "high", "medium", "low"]},
                "problem.severity": {"enum": ["error", "warning", "recommendation"]},
                "security-severity": {"type": "string", "pattern": r"^[0-9]+\.[0-9]$"},
            },
        },
    },
    "additionalProperties": False,
}
PHYSICAL = {
    "type": "object",
    "required": ["artifactLocation", "region"],
    "properties": {
        "artifactLocation": {
            "required": ["uri"],
            "properties": {"uri": {"type": "string", "pattern": r"^[^ \\]+$"}},
        },
        "region": {"required": ["startLine"], "properties": {"startLine": {"type": "integer", "minimum": 1}}},
    },
}
RESULT = {
    "type": "object",
    "required": ["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"],
    "properties": {
        "level": LEVEL,
        "message": TEXT,
        "ruleIndex": {"type": "integer", "minimum": 0},
        "locations": {
            "type": "array",
            "items": {"required": ["physicalLocation"], "properties": {"physicalLocation": PHYSICAL}},
        },
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
        "suppressions": {
            "type": "array",
            "items": {
                "required": ["kind"],
                "properties": {
                    "kind": {"enum": ["inSource", "external"]},
                    "status": {"enum": ["accepted", "underReview", "rejected"]},
                    "justification": {"type": "string"},
                },
                "additionalProperties": False,
            },
        },
    },
}
RUN = {
    "type": "object",
    "required": ["tool", "results"],
    "properties": {
        "tool": {
            "required": ["driver"],
            "properties": {
                "driver": {
                    "required": ["name", "rules"],
                    "properties": {"name": {"type": "string"}, "rules": {"type": "array", "items": RULE}},
                }
            },
        },
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": RESULT},
    },
}
SARIF = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "properties": {
        "$schema": {"type": "string"},
        "version": {"enum": ["2.1.0"]},
        "runs": {"type": "array", "items": RUN},
    },
    "additionalProperties": False,
}


def test_sarif_has_the_structure_of_the_standard() -> None:
    for result in (MIXED, made()):
        assert list(schema.problems(json.loads(as_sarif.text(result)), SARIF, "sarif")) == []


def test_sarif_results_point_at_their_rule_and_place() -> None:
    (run,) = json.loads(as_sarif.text(MIXED))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["size-broken", "size-clear", "size-limit", "stack-alone"]
    first, exempted, third = run["results"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert first["message"]["text"] == "Thing box: sizes[0].big: is <4> | `4`\nFix: Set size: 1 <or less>."
    physical = first["locations"][0]["physicalLocation"]
    assert physical == {
        "artifactLocation": {"uri": "deploy/my%20things.yaml"},
        "region": {"startLine": 7},
    }
    assert first["level"] == "error"
    assert "suppressions" not in first
    assert exempted["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "It is | old. (until 2030-01-31)"}
    ]
    assert third["level"] == "note"
    assert third["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "__main__.py"
    assert third["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "acme:index:Thing::box"
    prints = [result["partialFingerprints"]["violation/v1"] for result in run["results"]]
    assert len(set(prints)) == 3


def test_a_sarif_rule_has_help_with_why_fix_and_example() -> None:
    (run,) = json.loads(as_sarif.text(MIXED))["runs"]
    rule = run["tool"]["driver"]["rules"][2]
    assert rule["help"]["text"] == (
        "Things are small.\n\nWhy: Large ones | break *shelves*.\n\nFix: Set size: 1 <or less>.\n\n"
        "Example:\n\nsize: 1"
    )
    assert rule["help"]["markdown"].endswith("Example:\n\n```yaml\nsize: 1\n```")
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["properties"]["security-severity"] == "8.0"
    assert rule["properties"]["tags"] == ["security", "pod-security-baseline"]
