"""The configuration of a stack as the engine gives it to the program."""

import functools
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
PROJECT = "goservice"


@functools.cache
def schema() -> dict[str, Any]:
    """The settings that Pulumi.yaml declares, by key."""
    return yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]


def merged(values: dict[str, Any]) -> dict[str, str]:
    """One JSON object for each first part of a key, values over the defaults of Pulumi.yaml."""
    sections: defaultdict[str, Any] = defaultdict(dict)
    for key, setting in schema().items():
        section, _, name = key.partition(".")
        if name and "default" in setting:
            sections[f"{PROJECT}:{section}"][name] = setting["default"]
        elif not name:
            sections[f"{PROJECT}:{section}"] |= setting["default"]
    for key, value in values.items():
        sections[key] = sections[key] | value if isinstance(value, dict) else value
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in sections.items()}


def stack(name: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Configuration of a stack file and its secret keys, with `decrypted-<name>` for each encrypted value."""
    return given(yaml.safe_load((ROOT / f"Pulumi.{name}.yaml").read_text())["config"])


def given(values: dict[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The same of the values of a stack file."""
    secret_keys = tuple(key for key, value in values.items() if '"secure"' in json.dumps(value))
    return merged({key: _decrypt(value, "value") for key, value in values.items()}), secret_keys


def _decrypt(value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        return value
    if list(value) == ["secure"]:
        return f"decrypted-{name}" + ("\n" if name == "kubeconfig" else "")  # which has lines
    return {key: _decrypt(entry, key) for key, entry in value.items()}
