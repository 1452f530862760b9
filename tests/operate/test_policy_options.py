"""Which policies a stack is held to."""

from pathlib import Path

import pytest

from components.operate import policy_configuration, policy_options


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A program's folder with policies."""
    (tmp_path / "policies").mkdir()
    for name in ("PulumiPolicy.yaml", "dev.json", "prod.json"):
        (tmp_path / "policies" / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("stack", "name"), [("dev", "dev"), ("acme/shop/dev", "dev"), ("prod", "prod"), ("staging", "prod")]
)
def test_a_stack_has_its_own_configuration_and_others_that_of_prod(
    folder: Path, stack: str, name: str
) -> None:
    assert policy_configuration(folder, stack) == folder / f"policies/{name}.json"
    assert policy_options(folder, stack) == [
        *("--policy-pack", "policies", "--policy-pack-config", f"policies/{name}.json"),
    ]


def test_without_a_configuration_the_defaults_of_the_rules_hold(folder: Path) -> None:
    for name in ("dev", "prod"):
        (folder / f"policies/{name}.json").unlink()
    assert policy_configuration(folder, "dev") is None
    assert policy_options(folder, "dev") == ["--policy-pack", "policies"]


def test_a_program_without_policies_has_no_options(folder: Path, tmp_path: Path) -> None:
    (folder / "policies/PulumiPolicy.yaml").unlink()
    assert policy_options(folder, "dev") == []
    assert policy_options(tmp_path / "elsewhere", "dev") == []
