"""Writes the generated documentation: `python -m docs.generate [--check]`.

The table of settings in README.md is made from Pulumi.yaml, docs/policies.md from the rules of policies/.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import yaml

from docs.policies import page
from policies.catalog import SUBJECTS

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- config:begin -->", "<!-- config:end -->"


def table(settings: dict[str, dict[str, Any]]) -> str:
    """Markdown table of settings: key, type, default and meaning."""
    rows = [
        f"| `{key}` | {_type(setting)} | {_default(setting)} | {_cell(setting['description'])} |"
        for key, setting in settings.items()
    ]
    return "\n".join(["| Key | Type | Default | Meaning |", "|---|---|---|---|", *rows])


def generated(readme: str, settings: dict[str, dict[str, Any]]) -> str:
    """The README with the table between its markers. Raises ValueError when it has none."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"README.md has no {BEGIN} … {END} to write the settings between; put them back")
    return f"{before}{BEGIN}\n{table(settings)}\n{END}{after}"


def _type(setting: dict[str, Any]) -> str:
    items = setting.get("items", {}).get("type")
    name: str = setting["type"]
    return f"list of {items}s" if items else {"object": "map"}.get(name, name)


def _default(setting: dict[str, Any]) -> str:
    if "default" not in setting:
        return "required"
    default = setting["default"]
    if default in ("", [], {}):
        return ""
    return f"`{default if isinstance(default, str) else json.dumps(default)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def files() -> dict[Path, str]:
    """Generated files, and what has to be in them."""
    readme = ROOT / "README.md"
    settings = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    return {readme: generated(readme.read_text(), settings), ROOT / "docs/policies.md": page(SUBJECTS)}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m docs.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if anything is out of date")
    check = parser.parse_args(arguments).check
    for file, text in files().items():
        if file.exists() and file.read_text() == text:
            continue
        if check:
            sys.stderr.write(f"{file.relative_to(ROOT)} is out of date; run make docs\n")
            return 1
        file.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
