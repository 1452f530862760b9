"""A Deployment of somebody else stops the creation of ours; one of our own does not."""

from typing import Any

import pulumi
import pytest

from components import foreign
from components.kubectl import ClusterError, Kubectl, KubectlMissingError
from components.naming import labels

from .recording import record

OURS = {"metadata": {"name": "shop", "labels": labels("shop")}}
THEIRS = {"metadata": {"name": "shop", "labels": {"app": "shop"}}}


def creation(monkeypatch: pytest.MonkeyPatch, found: Any) -> None:
    """Asks the guard, with what the cluster has or how kubectl fails."""

    def get(cluster: Kubectl, kind: str, name: str) -> Any:
        assert (cluster.namespace, kind, name) == ("team", "deployment", "shop")
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(Kubectl, "get", get)
    made: list[pulumi.ResourceHook] = []
    record(lambda: made.append(foreign.guard("shop", "team", "shop")))
    assert made[0].opts is not None
    assert made[0].opts.on_dry_run, "previews say it too"
    made[0].callback(pulumi.ResourceHookArgs(urn="urn", id="", name="shop-deployment", type="t"))


@pytest.mark.parametrize("found", [None, OURS, KubectlMissingError("kubectl was not found")])
def test_it_goes_on_where_nothing_is_somebody_elses(monkeypatch: pytest.MonkeyPatch, found: Any) -> None:
    creation(monkeypatch, found)


@pytest.mark.parametrize("found", [THEIRS, {"metadata": {"name": "shop"}}])
def test_a_foreign_deployment_is_left_alone(monkeypatch: pytest.MonkeyPatch, found: Any) -> None:
    with pytest.raises(RuntimeError, match="namespace team has a Deployment shop that is not this service's"):
        creation(monkeypatch, found)


def test_what_cannot_be_asked_is_not_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClusterError):
        creation(monkeypatch, ClusterError("forbidden"))
