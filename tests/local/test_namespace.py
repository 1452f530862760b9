"""The namespace of a destroyed stack goes if it was ours and nobody has anything in it."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from components.shared import MANAGED, RESTRICTED
from local.namespace import remove_if_empty
from local.process import CommandError
from local.site import Site

OURS = MANAGED | RESTRICTED
ALWAYS = (
    "configmap/kube-root-ca.crt serviceaccount/default event.events.k8s.io/shop.1 podmetrics/shop-1 lease/x"
)


class Cluster:
    """A kubectl with a namespace, and what is in it each time somebody looks."""

    def __init__(self, labels: dict[str, str] | None, *looks: str) -> None:
        self.labels, self.looks, self.deleted = labels, list(looks), list[str]()

    def run(self, command: list[str]) -> str:
        match command[1:3]:
            case ["get", "namespace"]:
                if self.labels is None:
                    raise CommandError(command, 1, "NotFound", None)
                return json.dumps(self.labels) if self.labels else ""
            case ["api-resources", _]:
                return "configmaps\nevents\npods\n"
            case ["get", kinds]:
                assert kinds == "configmaps,pods"
                return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
            case _:
                self.deleted.append(command[3])
                return ""

    def wait_for(self, ask: Callable[[], Any], _seconds: float) -> Any:
        return ask() or ask()


def removed(cluster: Cluster) -> str:
    return remove_if_empty(cast("Site", SimpleNamespace(runner=cluster)), "shop")


def test_an_empty_one_goes_once_its_pods_have_left() -> None:
    cluster = Cluster(OURS, f"{ALWAYS} pod/shop-1", ALWAYS)
    assert removed(cluster) == "removed namespace shop"
    assert cluster.deleted == ["shop"]


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (None, "namespace shop was not there any more"),
        ({}, "kept namespace shop, which the stack did not make"),
        ({"app.kubernetes.io/managed-by": "pulumi"}, "kept namespace shop, which the stack did not make"),
    ],
)
def test_one_that_is_not_ours_stays(labels: dict[str, str] | None, said: str) -> None:
    cluster = Cluster(labels, ALWAYS)
    assert removed(cluster) == said
    assert cluster.deleted == []


def test_one_that_others_use_stays_and_they_are_named() -> None:
    cluster = Cluster(OURS, f"{ALWAYS} secret/a service/b ingress/c job/d")
    assert removed(cluster) == "kept namespace shop, which has secret/a, service/b, ingress/c and more"
    assert cluster.deleted == []
