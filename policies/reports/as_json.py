"""The report as JSON."""

import json
from typing import Any

from ..judging.findings import Finding
from .report import Report, Row, file_and_line


def text(report: Report) -> str:
    """The report as JSON; equal results give equal text."""
    document = {
        "version": 1,
        "resources": report.resources,
        "failed": report.failed,
        "rules": [_rule(row) for row in report.rows],
        "violations": [
            _violation(row, finding) for row in report.rows for finding in (*row.broken, *row.exempted)
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _rule(row: Row) -> dict[str, Any]:
    return {
        "name": row.rule.name,
        "severity": row.rule.severity,
        "standard": row.rule.standard,
        "control": row.rule.control or None,
        "outcome": row.outcome,
        "violations": len(row.broken),
        "exempted": len(row.exempted),
    }


def _violation(row: Row, finding: Finding) -> dict[str, Any]:
    file, line = file_and_line(finding.origin)
    exemption = finding.exemption
    return {
        "rule": row.rule.name,
        "severity": row.rule.severity,
        "standard": row.rule.standard,
        "control": row.rule.control or None,
        "type": finding.type,
        "resource": finding.name,
        "origin": finding.origin,
        "file": file,
        "line": line,
        "path": finding.path,
        "message": finding.message,
        "why": row.rule.why,
        "remedy": row.rule.remedy,
        "exemption": {"reason": exemption.reason, "expires": str(exemption.expires)} if exemption else None,
    }
