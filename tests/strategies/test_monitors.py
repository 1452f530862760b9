"""A monitor in a cluster without its kind is refused, before anything is touched."""

import asyncio
from typing import Any

import pulumi
import pytest

from components.cluster import Kubectl
from components.strategies import monitor_guard
from tests.support.recording import record

MANIFEST = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PodMonitor", "metadata": {}}


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Kinds that the cluster has."""
    found: set[str] = set()
    monkeypatch.setattr("components.strategies.monitors.has_kind", lambda _one, _group, kind: kind in found)
    return found


def create(kind: str, cluster: Kubectl | None, *, preview: bool) -> None:
    """Asks the guard about a monitor that is about to be created."""
    made: list[pulumi.ResourceHook] = []

    def program() -> None:
        known: pulumi.Output[Any] = pulumi.Output.from_input(cluster)
        made.append(monitor_guard("shop", known))

    record(program, preview=preview)
    assert made[0].opts is not None
    assert made[0].opts.on_dry_run, "previews say it too"
    wanted = MANIFEST | {"kind": kind}
    asked = made[0].callback(
        pulumi.ResourceHookArgs(urn="urn", id="", name="shop-monitor", type="t", new_inputs=wanted)
    )
    assert asked is not None
    asyncio.run(asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize("kind", ["PodMonitor", "ServiceMonitor"])
def test_a_kind_that_is_missing_is_named_with_the_setting(kind: str, preview: bool, kinds: set[str]) -> None:
    kinds.add("Prometheus")
    with pytest.raises(RuntimeError) as caught:
        create(kind, Kubectl(namespace="team"), preview=preview)
    assert str(caught.value) == (
        f"metrics.monitor: the cluster has no kind {kind} (monitoring.coreos.com/v1); install Prometheus's "
        f"operator with its CustomResourceDefinition {kind.lower()}s.monitoring.coreos.com, or set "
        "metrics.monitor to none"
    )


def test_a_kind_that_is_there_is_used(kinds: set[str]) -> None:
    kinds.add("PodMonitor")
    create("PodMonitor", Kubectl(namespace="team"), preview=True)


@pytest.mark.usefixtures("kinds")
def test_a_cluster_that_is_not_known_yet_is_asked_in_the_update() -> None:
    create("PodMonitor", None, preview=True)
