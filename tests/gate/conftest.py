"""The gate and its trials in a simulated cluster."""

import pytest

from tests.gate.simulated_gate import Gate
from tests.gate.simulated_trial import World


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gate:
    return Gate(monkeypatch, capsys)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)
