"""The page about settings, and the short table of the README, from the fields of the arguments."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING
from itertools import groupby

from components.config import all_settings
from docs.examples import EXAMPLES
from docs.fields import Entry, entry

# What people set first, for the README.
FIRST = (
    "service.name",
    "service.namespace",
    "service.port",
    "image.repository",
    "image.context",
    "image.package",
    "autoscaling.minReplicas",
    "autoscaling.maxReplicas",
    "rollout.strategy",
    "canary.prometheus",
    "ingress.host",
    "env",
    "secrets",
)
README_BEGIN, README_END = "<!-- config:begin -->", "<!-- config:end -->"
HEAD = """\
# Settings

This page is generated from the fields of the arguments: `make docs` writes it.

Set one with `pulumi config set --path KEY VALUE`, a secret with `--secret` as well, or nested at the dots in
`Pulumi.<stack>.yaml`. Everything that is wrong is reported at once, before anything is touched.
"""


def entries() -> list[Entry]:
    """All settings in the order of the documentation. Raises FieldError."""
    return [entry(setting) for setting in all_settings().values()]


def page(entries: Iterable[Entry], examples: Mapping[str, str] = EXAMPLES) -> str:
    """Markdown: for each section a table of its settings and an example."""
    parts = [HEAD.rstrip()]
    for section, group in groupby(entries, key=lambda one: one.setting.section):
        rows = [_row(one) for one in group]
        table = ["| Key | Type | Default | Range | Meaning |", "|---|---|---|---|---|", *rows]
        parts += [f"## {section}", "\n".join(table), f"```yaml\n{examples[section].strip()}\n```"]
    return "\n\n".join(parts) + "\n"


def first_table(entries: Sequence[Entry]) -> str:
    """Markdown table of the settings that people set first."""
    known = {one.key: one for one in entries}
    rows = [
        f"| `{one.key}` | {_type(one)} | {_default(one)} | {_cell(one.sentence)} |"
        for one in (known[key] for key in FIRST)
    ]
    return "\n".join(["| Key | Type | Default | Meaning |", "|---|---|---|---|", *rows])


def with_first_table(readme: str, entries: Sequence[Entry]) -> str:
    """The README with the table between its markers. Raises ValueError if it has none."""
    before, begin, rest = readme.partition(README_BEGIN)
    _, end, after = rest.partition(README_END)
    if not begin or not end:
        raise ValueError(
            f"README.md has no {README_BEGIN} … {README_END} to write the settings between; put them back"
        )
    return f"{before}{README_BEGIN}\n{first_table(entries)}\n{README_END}{after}"


def _row(one: Entry) -> str:
    cells = (f"`{one.key}`", _type(one), _default(one), one.range, _cell(one.sentence))
    return f"| {' | '.join(cells)} |"


def _type(one: Entry) -> str:
    kind = one.setting.kind
    if one.choices:
        return ", ".join(f"`{choice}`" for choice in one.choices)
    name = kind.name.removeprefix("a ").removeprefix("an ")
    return f"{name}, secret" if kind.secret else name


def _default(one: Entry) -> str:
    if one.default is MISSING:
        return "required"
    if one.default in ("", [], {}):
        return ""
    return f"`{one.default if isinstance(one.default, str) else json.dumps(one.default)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
