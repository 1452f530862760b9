"""The report as a table in a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .report import Report, Row, file_and_line, resource_label

COLORS = {"failed": "red", "advised": "yellow", "exempted": "cyan", "not run": "dim", "disabled": "dim"}


def show(report: Report, console: Console, *, violations: bool) -> None:
    """Prints a table of the rules that did not pass, and the counts. violations: list each one first."""
    for row in report.rows if violations else ():
        _show_violations(row, console)
    if any(row.outcome != "passed" for row in report.rows):
        console.print(_table(report))
    color = "red" if report.failed else "green"
    console.print(f"[{color}]{report.summary()}[/]", soft_wrap=True, highlight=False)


def _show_violations(row: Row, console: Console) -> None:
    def line(text: str) -> None:
        console.print(text, soft_wrap=True, highlight=False)

    if not row.broken:
        return
    color = COLORS[row.outcome]
    line(f"[{color}]{row.outcome}[/] [bold]{row.rule.name}[/] ({row.rule.severity}): {escape(row.rule.asks)}")
    for finding in row.broken:
        file, number = file_and_line(finding.origin)
        where = f"{file}:{number} " if file else ""
        line(escape(f"  {where}{resource_label(finding.type, finding.name)}"))
        line(escape(f"    {finding}"))
    line(escape(f"  why: {row.rule.why}"))
    line(escape(f"  fix: {row.rule.remedy}"))
    line("")


def _table(report: Report) -> Table:
    table = Table("rule", "severity", "outcome", "where", box=None, pad_edge=False, header_style="bold")
    for row in report.rows:
        if row.outcome == "passed":
            continue
        color = COLORS[row.outcome]
        if row.broken:
            names = ", ".join(dict.fromkeys(finding.name for finding in row.broken))
            table.add_row(row.rule.name, row.rule.severity, f"[{color}]{row.outcome}[/]", escape(names))
        for exemption, name in dict.fromkeys((each.exemption, each.name) for each in row.exempted):
            if exemption:
                why = f"{name}, until {exemption.expires}: {exemption.reason}"
                table.add_row(row.rule.name, row.rule.severity, "[cyan]exempted[/]", escape(why))
        if not row.broken and not row.exempted:
            table.add_row(row.rule.name, row.rule.severity, f"[{color}]{row.outcome}[/]", "")
    return table
