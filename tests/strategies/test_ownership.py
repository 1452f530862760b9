"""Objects of others stop the creation of ours; ours do not, nor do those that are being deleted."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pytest

from components.cluster import ClusterError, ForbiddenError, Kubectl, wait_until_gone
from components.shared import MANAGED, RESTRICTED, labels
from components.strategies import ownership, ownership_guard
from tests.support.recording import record

KINDS = (
    "Deployment",
    "Service",
    "ServiceAccount",
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
    "Ingress",
)


def thing(kind: str, found: dict[str, str] | None, **metadata: Any) -> dict[str, Any]:
    named = {"name": "shop"} | metadata | ({"labels": found} if found is not None else {})
    return {"kind": kind, "metadata": named} | (
        {"spec": {"ports": [{"port": 80}]}} if kind == "Service" else {}
    )


@dataclass(frozen=True, kw_only=True)
class Cluster(Kubectl):
    """Has objects by kind, each for as many looks as there are."""

    namespace: str = "team"
    objects: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    services: list[dict[str, Any]] | ClusterError = field(default_factory=list[dict[str, Any]])
    looks: list[str] = field(default_factory=list[str])

    def get(self, kind: str, name: str) -> dict[str, Any] | None:
        self.looks.append(f"{kind}/{name}")
        found = self.objects.get(kind, [None])
        now = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(now, ClusterError):
            raise now
        return now

    def list_everywhere(self, kind: str) -> list[dict[str, Any]]:
        assert kind == "services"
        if isinstance(self.services, ClusterError):
            raise self.services
        return self.services


def create(cluster: Cluster, wanted: dict[str, Any], *, preview: bool = False) -> None:
    """Asks the guard about an object that is about to be created."""
    made: list[pulumi.ResourceHook] = []

    def program() -> None:
        made.append(ownership_guard("shop", pulumi.Output.from_input(cluster), "shop"))

    record(program, preview=preview)
    assert made[0].opts is not None
    assert made[0].opts.on_dry_run, "previews say it too"
    asked = made[0].callback(
        pulumi.ResourceHookArgs(urn="urn", id="", name="shop-thing", type="t", new_inputs=wanted)
    )
    assert asked is not None
    asyncio.run(asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_ours_or_new_is_created(kind: str, preview: bool) -> None:
    for found in (None, thing(kind, labels("shop"))):
        cluster = Cluster(objects={kind.lower(): [found]})
        create(cluster, thing(kind, {}), preview=preview)
        assert cluster.looks == [f"{kind.lower()}/shop"]


@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.parametrize("found", [None, {"app": "shop"}, MANAGED, labels("store")])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_somebody_elses_is_left_alone(kind: str, found: dict[str, str] | None, preview: bool) -> None:
    cluster = Cluster(objects={kind.lower(): [thing(kind, found)]})
    with pytest.raises(RuntimeError) as refused:
        create(cluster, thing(kind, {}), preview=preview)
    assert str(refused.value) == (
        f"namespace team has a {kind} shop that is not this service's; "
        "choose another service.name or service.namespace"
    )


def test_a_namespace_of_several_services_is_everybodys() -> None:
    create(Cluster(objects={"namespace": [thing("Namespace", MANAGED | RESTRICTED)]}), thing("Namespace", {}))


@pytest.mark.parametrize("found", [None, {}, MANAGED, RESTRICTED])
def test_a_namespace_that_lets_other_pods_in_is_not_made_to_refuse_them(found: dict[str, str] | None) -> None:
    cluster = Cluster(objects={"namespace": [thing("Namespace", found)]})
    with pytest.raises(RuntimeError) as refused:
        create(cluster, thing("Namespace", {}))
    assert str(refused.value) == (
        "the cluster has a Namespace shop that is not this service's; "
        "set service.createNamespace to false, or choose another service.namespace"
    )


def test_what_gets_a_random_name_needs_no_look() -> None:
    cluster = Cluster()
    create(cluster, thing("ConfigMap", {}, annotations={"pulumi.com/autonamed": "true"}))
    assert cluster.looks == []


def test_what_cannot_be_asked_is_not_passed() -> None:
    with pytest.raises(ClusterError, match="away"):
        create(Cluster(objects={"deployment": [ClusterError("away")]}), thing("Deployment", {}))


def test_one_on_its_way_out_is_waited_for() -> None:
    leaving = thing("Deployment", labels("shop"), deletionTimestamp="2026-01-01T00:00:00Z")
    told: list[str] = []
    slept: list[float] = []
    cluster = Cluster(objects={"deployment": [leaving, leaving, None]}, say=told.append)
    wait_until_gone(cluster, leaving, slept.append)
    assert told == ["Deployment shop is still being deleted; waiting for it"]
    assert slept == [1, 1, 1]


def test_one_that_does_not_go_is_named() -> None:
    leaving = thing("Deployment", labels("shop"), deletionTimestamp="2026-01-01T00:00:00Z")
    slept: list[float] = []
    with pytest.raises(RuntimeError, match="shop has been in deletion for 120 s; see its"):
        wait_until_gone(Cluster(objects={"deployment": [leaving]}), leaving, slept.append)
    assert sum(slept) == 120


def test_a_creation_waits_for_one_on_its_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    leaving = thing("Deployment", labels("shop"), deletionTimestamp="2026-01-01T00:00:00Z")
    waited: list[Any] = []
    monkeypatch.setattr(ownership, "wait_until_gone", lambda *given: waited.append(given))
    cluster = Cluster(objects={"deployment": [leaving]})
    create(cluster, thing("Deployment", {}))
    assert waited == [(cluster, leaving)]


def test_a_preview_waits_for_nothing() -> None:
    leaving = thing("Deployment", labels("shop"), deletionTimestamp="2026-01-01T00:00:00Z")
    cluster = Cluster(objects={"deployment": [leaving]})
    create(cluster, thing("Deployment", {}), preview=True)
    assert len(cluster.looks) == 1


def service(port: float, namespace: str = "team", name: str = "shop") -> dict[str, Any]:
    metadata = {"namespace": namespace, "name": name}
    return {"kind": "Service", "metadata": metadata, "spec": {"ports": [{"port": 80, "nodePort": port}]}}


@pytest.mark.parametrize(("namespace", "name"), [("other", "store"), ("other", "shop"), ("team", "store")])
def test_a_node_port_that_another_service_has_is_named_beforehand(namespace: str, name: str) -> None:
    others = [service(30090), service(30080, namespace, name)]
    with pytest.raises(RuntimeError, match=f"Service {namespace}/{name} has node port 30080, and two"):
        create(Cluster(services=others), service(30080.0), preview=True)


def test_without_a_node_port_nobody_elses_matter() -> None:
    create(Cluster(services=ClusterError("not to be asked")), thing("Service", {}))


def test_a_node_port_of_its_own_and_a_free_one_are_taken() -> None:
    others = [service(30080), service(30081, "other"), {"metadata": {}, "spec": {}}]
    create(Cluster(services=others), service(30080.0))
    create(Cluster(services=others), service(30082.0))


def test_who_may_not_see_the_services_of_others_leaves_it_to_the_api_server() -> None:
    create(Cluster(services=ForbiddenError("may not list")), service(30080.0))
    with pytest.raises(ClusterError, match="away"):
        create(Cluster(services=ClusterError("away")), service(30080.0))
