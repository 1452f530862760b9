"""A stack that an earlier version of the components deployed: no object or build is replaced or deleted."""

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Embedded

pytestmark = pytest.mark.e2e

STATES = Path(__file__).parent / "states"


def import_state(embedded: Embedded, state: str) -> None:
    file = embedded.checkout.parent / "state.json"
    file.write_text(state)
    embedded.pulumi("stack", "import", "--stack", "dev", "--file", str(file)).ok()


@pytest.mark.parametrize("state", sorted(file.name for file in STATES.iterdir()))
def test_a_preview_replaces_and_deletes_no_object(embedded: Embedded, state: str) -> None:
    """The cluster is a later one, so that the state is told its uid."""
    account = embedded.object("serviceaccount")["metadata"]["uid"]
    text = (STATES / state).read_text()
    resources: list[dict[str, Any]] = json.loads(text)["deployment"]["resources"]
    earlier = next(r for r in resources if r["type"] == "kubernetes:core/v1:ServiceAccount")
    current = embedded.pulumi("stack", "export", "--stack", "dev").ok().output
    embedded.set(
        **{
            "rollout.strategy": "canary",
            "canary.prometheus": "monitoring/prometheus:9090",
            "canary.steps": [34],
            "canary.skip": True,
        }
    )
    import_state(embedded, text.replace(earlier["outputs"]["metadata"]["uid"], account))
    try:
        shown = embedded.pulumi("preview", "--json", "--show-sames", "--stack", "dev").ok().output
    finally:
        import_state(embedded, current)
        embedded.run("git", "checkout", "--quiet", "--", "Pulumi.dev.yaml").ok()
    steps = json.loads(shown[shown.index("{") :])["steps"]
    planned = {step["urn"]: step["op"] for step in steps}
    assert {r["urn"] for r in resources if not r["type"].startswith("pulumi:providers:")} <= set(planned)
    assert set(planned.values()) <= {"same", "update", "create", "replace"}, planned
    # Another build is tagged with another version, and tried by another run of the gate.
    changed = [urn for urn, op in planned.items() if op in {"create", "replace"}]
    assert all("docker-build:index:Index" in urn or "command:local" in urn for urn in changed), changed
    assert embedded.changes() == {}
