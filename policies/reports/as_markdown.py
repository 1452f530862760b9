"""The report as Markdown, for a comment on a pull or merge request."""

import html
import re
from collections.abc import Iterable

from .report import Report, Row, file_and_line, resource_label

TITLES = {"failed": "Failed", "advised": "Advice"}


def text(report: Report) -> str:
    """The report in the Markdown of GitHub and GitLab."""
    verdict = "failed" if report.failed else "passed"
    parts = [f"## Policies {verdict}", report.summary() + "."]
    for outcome, title in TITLES.items():
        rows = [row for row in report.rows if row.outcome == outcome]
        if rows:
            parts += [f"### {title}", *map(_violations, rows)]
    if exempted := _exemptions(report.rows):
        parts += ["### Exempted", exempted]
    for outcome, title in (("passed", "Passed"), ("disabled", "Disabled"), ("not run", "Not run")):
        if names := [f"`{row.rule.name}`" for row in report.rows if row.outcome == outcome]:
            parts.append(
                f"<details><summary>{title}: {len(names)}</summary>\n\n{', '.join(names)}\n\n</details>"
            )
    return "\n\n".join(parts)


def _violations(row: Row) -> str:
    heading = f"**`{row.rule.name}`** ({row.rule.severity}): {_safe(row.rule.asks)}"
    lines = _table(
        ("Resource", "Where", "What"),
        (
            (_resource(each.type, each.name, each.origin), _code(each.path), each.message)
            for each in row.broken
        ),
    )
    return f"{heading}\n\n{lines}\n\n{_safe(row.rule.why)} **Fix:** {_safe(row.rule.remedy)}"


def _exemptions(rows: Iterable[Row]) -> str:
    cells = dict.fromkeys(
        (
            f"`{row.rule.name}`",
            _resource(each.type, each.name, each.origin),
            str(exemption.expires),
            exemption.reason,
        )
        for row in rows
        for each in row.exempted
        if (exemption := each.exemption)
    )
    return _table(("Rule", "Resource", "Until", "Reason"), cells) if cells else ""


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *(tuple(map(_cell, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _resource(type_token: str, name: str, origin: str) -> str:
    file, line = file_and_line(origin)
    return resource_label(type_token, _code(name)) + (f" ({file}:{line})" if file else "")


def _code(value: str) -> str:
    return f"`{value.replace('`', ' ')}`" if value else ""


def _cell(value: str) -> str:
    """Text escaped for a cell of a table."""
    return _safe(" ".join(value.split())).replace("|", "&#124;")


def _safe(value: str) -> str:
    """Prose with Markdown and HTML escaped, except code in backticks."""
    parts = re.split(r"(`[^`]*`)", value)
    return "".join(
        _code_part(part) if part.startswith("`") and part != "`" else _escape(part) for part in parts
    )


def _code_part(part: str) -> str:
    # A `|` cannot be escaped in backticks and would end the cell.
    return f"<code>{_escape(part[1:-1])}</code>" if "|" in part else part


def _escape(part: str) -> str:
    return re.sub(r"([\\*_\[\]@#~`])", r"\\\1", html.escape(part, quote=False))
