"""What tests of the recovery share."""

import pytest

from components.strategies.recovery import follow as following
from components.strategies.recovery import hooks as recovery
from tests.strategies.moments import Cluster


@pytest.fixture
def rolls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def roll_back(cluster: Cluster, service: str) -> str:
        cluster.changes.append("rolled back")
        return f"{service}: v2 did not come up"

    for module in (following, recovery):
        monkeypatch.setattr(module, "roll_back", roll_back)
    monkeypatch.setattr(recovery, "describe_refusal", lambda *_: "shop: v1 serves")
