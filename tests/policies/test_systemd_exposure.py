"""The exposure of units. Figures are what systemd 252 says; tests/e2e asks it again."""

import pytest

from policies.reading.systemd_exposure import exposure, worst_settings
from policies.reading.systemd_unit import is_service, parse

from .systemd_units import BARE, HARDENED, SETTINGS


@pytest.mark.parametrize(("settings", "figure"), SETTINGS.items())
def test_settings(settings: str, figure: float) -> None:
    assert exposure(f"{BARE}{settings}\n") == figure


def test_units() -> None:
    assert exposure(BARE) == 9.6
    assert exposure(HARDENED) == 1.1
    assert exposure("") == 9.6


def test_what_does_not_apply_early_in_the_boot_does_not_count() -> None:
    early = HARDENED.replace("[Service]", "DefaultDependencies=no\n[Service]")
    assert "RootDirectory" in worst_settings(HARDENED, 99)
    assert "RootDirectory" not in worst_settings(early, 99)


def test_the_worst_settings_come_first() -> None:
    assert worst_settings(BARE) == ["PrivateNetwork", "User", "CapabilityBoundingSet=~CAP_SYS_ADMIN"]
    assert worst_settings(HARDENED, 2) == ["PrivateNetwork", "RestrictAddressFamilies=~inet"]


def test_unit_files() -> None:
    unit = "[Unit]\nA = b c\n# X=1\n ; Y=1\n"
    text = f"{unit}[Service]\nExecStart=/x \\\n  # not this\n  -v\nE=1\nE=\nodd\n[Unit]\nA=d\n"
    assert parse(text) == {
        "Unit": {"A": ["b c", "d"]},
        "Service": {"ExecStart": ["/x    -v"], "E": ["1", ""]},
    }


@pytest.mark.parametrize(
    ("text", "service"),
    [
        (BARE, True),
        (BARE.replace("[Unit]\n", ""), False),
        ("[Unit]\n[Timer]\nOnCalendar=daily\n", False),
        ("echo [Unit] [Service] ExecStart=/x", False),
        ("", False),
    ],
)
def test_units_of_services(text: str, service: bool) -> None:
    assert is_service(text) is service


@pytest.mark.parametrize(
    "text", ["=", "[", "[]", "[Service]\n=\nUMask=9\nUMask=", "\\", "\0", "[Service]\nUser=\n\\"]
)
def test_odd_texts_are_borne(text: str) -> None:
    assert 0 <= exposure(text) <= 10
