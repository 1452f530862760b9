"""The examples of docs/settings.md are those of stacks that load."""

import json
from typing import Any

import pytest
import yaml

from components.config import all_settings, load
from docs.examples import EXAMPLES
from tests.support.loaded_settings import write_stack_file
from tests.support.recording import record
from tests.support.stack_config import given


def test_every_section_has_an_example() -> None:
    assert set(EXAMPLES) == {setting.section for setting in all_settings().values()}


@pytest.mark.parametrize("section", EXAMPLES)
def test_an_example_loads_and_sets_something_of_its_section(section: str) -> None:
    example: dict[str, Any] = yaml.safe_load(EXAMPLES[section])["config"]
    sections = {key.removeprefix("goservice:"): value for key, value in example.items()}
    assert sections[section]
    # Required beside the example.
    sections["image"] = {"repository": "ghcr.io/acme/shop"} | sections.get("image", {})
    write_stack_file(**sections)
    config, secret_keys = given({f"goservice:{name}": value for name, value in sections.items()})
    assert ('"secure"' in json.dumps(sections)) == bool(secret_keys)
    record(load, config=config, secret_keys=secret_keys)
