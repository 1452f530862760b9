"""The configuration of a stack as the engine gives it to the program."""

import functools
import json
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
    sections: dict[str, Any] = {}
    for key, setting in schema().items():
        if "default" in setting:
            sections = nested(sections, key, setting["default"])
    sections = over(sections, values)
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in sections.items()}


def nested(sections: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Sections with a value over them, by the key of its setting."""
    section, *names = key.split(".")
    for name in reversed(names):
        value = {name: value}
    return over(sections, {f"{PROJECT}:{section}": value})


def over(below: Any, above: Any) -> Any:
    """Maps are merged at any depth, as the engine does; anything else is replaced."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return below | {name: over(below.get(name), value) for name, value in above.items()}


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
