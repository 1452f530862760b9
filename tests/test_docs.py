"""The table of settings in the README."""

import pytest
import yaml

from docs.generate import generated, table

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
