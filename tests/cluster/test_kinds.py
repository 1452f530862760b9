"""Whether a cluster has a kind, by discovery."""

import json
from dataclasses import dataclass, field

import pytest

from components.cluster import ClusterError, ForbiddenError, Kubectl, NotFoundError, has_kind

GROUP = "monitoring.coreos.com/v1"


@dataclass(frozen=True, kw_only=True)
class Discovery(Kubectl):
    """An API server that answers discovery."""

    namespace: str = "team"
    gives: str | ClusterError = ""
    asked: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    def run(self, *arguments: str, stdin: str = "") -> str:
        self.asked.append(arguments)
        if isinstance(self.gives, ClusterError):
            raise self.gives
        return self.gives


def resources(*kinds: str) -> str:
    return json.dumps({"kind": "APIResourceList", "resources": [{"kind": kind} for kind in kinds]})


def test_a_kind_of_the_group_is_there() -> None:
    cluster = Discovery(gives=resources("PodMonitor", "ServiceMonitor"))
    assert has_kind(cluster, GROUP, "PodMonitor")
    assert cluster.asked == [("get", "--raw", "/apis/monitoring.coreos.com/v1")]


def test_a_kind_that_the_group_lacks_is_not() -> None:
    assert not has_kind(Discovery(gives=resources("ServiceMonitor")), GROUP, "PodMonitor")


def test_a_group_that_nobody_installed_has_none() -> None:
    missing = NotFoundError("Error from server (NotFound): the server could not find the requested resource")
    assert not has_kind(Discovery(gives=missing), GROUP, "PodMonitor")


def test_a_server_that_does_not_say_is_not_taken_for_one_without() -> None:
    with pytest.raises(ForbiddenError):
        has_kind(Discovery(gives=ForbiddenError("Error from server (Forbidden): no")), GROUP, "PodMonitor")
