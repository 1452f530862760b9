"""The report as SARIF 2.1.0, for code scanning."""

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..catalog import AnyRule
from ..judging.findings import Finding
from .report import Report, Row, file_and_line, resource_label

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
PROGRAM = "__main__.py"
"""File for results about resources of the program: code scanning requires one for each result."""

# GitHub's ranges of "security-severity".
SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}


def text(report: Report) -> str:
    """The report as SARIF; exempted findings are included as suppressed."""
    rules = sorted((row.rule for row in report.rows), key=lambda rule: rule.name)
    index = {rule.name: position for position, rule in enumerate(rules)}
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "policies", "rules": [_rule(rule) for rule in rules]}},
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(row, finding, index[row.rule.name])
                    for row in report.rows
                    for finding in (*row.broken, *row.exempted)
                ],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False)


def _rule(rule: AnyRule) -> dict[str, Any]:
    help_text = f"{rule.asks}\n\nWhy: {rule.why}\n\nFix: {rule.remedy}\n\nExample:\n\n"
    example = rule.example.strip()
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.asks},
        "fullDescription": {"text": f"{rule.asks} {rule.why}"},
        "help": {"text": help_text + example, "markdown": f"{help_text}```yaml\n{example}\n```"},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "tags": ["security", *([f"pod-security-{rule.standard}"] if rule.standard else [])],
            "precision": "high",
            "problem.severity": {"error": "error", "warning": "warning", "note": "recommendation"}[
                LEVELS[rule.severity]
            ],
            "security-severity": SCORES[rule.severity],
        },
    }


def _result(row: Row, finding: Finding, index: int) -> dict[str, Any]:
    file, line = file_and_line(finding.origin)
    resource = resource_label(finding.type, finding.name)
    identity = "\0".join((finding.rule, finding.type, finding.name, finding.path))
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": "note" if row.outcome == "advised" else LEVELS[row.rule.severity],
        "message": {"text": f"{resource}: {finding}\nFix: {row.rule.remedy}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(file or PROGRAM)},
                    "region": {"startLine": line or 1},
                },
                "logicalLocations": [
                    {
                        "name": finding.name,
                        "fullyQualifiedName": f"{finding.type}::{finding.name}",
                        "kind": "resource",
                    }
                ],
            }
        ],
        "partialFingerprints": {"violation/v1": hashlib.sha256(identity.encode()).hexdigest()},
    }
    if finding.exemption:
        until = f"{finding.exemption.reason} (until {finding.exemption.expires})"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": until}]
    return result


def _uri(file: str) -> str:
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
