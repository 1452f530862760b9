"""Findings of a run of the engine, in a file with one JSON object per line."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ..judging.exemptions import Exemption
from ..judging.findings import Finding
from ..model import Resource

FILE = "POLICY_RESULTS"
"""Environment variable with the file that the pack writes, relative to the project."""


class ResultsError(Exception):
    """A file that cannot be read or was not written by the pack."""


@dataclass(frozen=True, kw_only=True)
class Results:
    """Rules that ran, and their findings."""

    rules: frozenset[str]
    """Names of the rules that ran."""
    resources: int
    """Number of resources they checked."""
    findings: tuple[Finding, ...]
    """All findings, including exempted ones."""


def write(file: Path | None, rule: str, resources: Sequence[Resource], found: Iterable[Finding]) -> None:
    """Appends the findings of a rule on some resources to a file; None writes nothing."""
    if file is None:
        return
    line = {
        "rule": rule,
        "judged": [resource.origin for resource in resources],
        "findings": [asdict(finding) for finding in found],
    }
    with file.open("a") as lines:
        lines.write(json.dumps(line, default=str) + "\n")


def read(file: Path) -> Results:
    """Results in a file; of two checks of the same resources, the later counts. Raises ResultsError."""
    last: dict[tuple[str, tuple[str, ...]], list[dict[str, Any]]] = {}
    try:
        for text in file.read_text().splitlines():
            line = json.loads(text)
            last[line["rule"], tuple(line["judged"])] = line["findings"]
    except OSError as error:
        raise ResultsError(f"{file}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise ResultsError(f"{file}: not written by the pack; run the engine with {FILE}={file}") from None
    return Results(
        rules=frozenset(rule for rule, _ in last),
        resources=len({origin for _, judged in last for origin in judged}),
        findings=tuple(_finding(each) for found in last.values() for each in found),
    )


def _finding(value: dict[str, Any]) -> Finding:
    given = value.pop("exemption")
    exemption = Exemption(**given | {"expires": date.fromisoformat(given["expires"])}) if given else None
    return Finding(**value, exemption=exemption)
