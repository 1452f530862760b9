"""The exposure of units as the policies count it, beside what systemd says."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from policies.reading.systemd_exposure import exposure
from tests.policies.systemd_units import BARE, HARDENED, SETTINGS

pytestmark = pytest.mark.e2e

VERSION = "252"
TOOL = shutil.which("systemd-analyze")


def said(tmp_path: Path, text: str) -> float:
    """The exposure of a unit in systemd's words."""
    unit = tmp_path / "shop.service"
    unit.write_text(text)
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    found = re.search(r"Overall exposure level for shop.service: ([0-9.]+)", output)
    assert found, output
    return float(found[1])


@pytest.fixture(autouse=True)
def _same_version() -> None:
    """Other versions have other weights."""
    if not TOOL:
        pytest.skip("systemd-analyze is not installed; it is in Debian's package systemd")
    output = subprocess.run(
        [TOOL, "--version"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    if not output.startswith(f"systemd {VERSION} "):
        pytest.skip(f"the weights are those of systemd {VERSION}, this is {output.splitlines()[0]}")


@pytest.mark.parametrize("settings", ["", *SETTINGS])
@pytest.mark.parametrize("unit", [BARE, HARDENED], ids=["bare", "hardened"])
def test_systemd_says_the_same(tmp_path: Path, unit: str, settings: str) -> None:
    text = f"{unit}{settings}\n"
    assert exposure(text) == said(tmp_path, text)
