"""The number of pods passes between Pulumi and an autoscaler, and no pod is lost by it."""

import json
from dataclasses import dataclass, field
from typing import Any

from components.cluster import Kubectl, NotFoundError
from components.cluster.replicas import end_autoscaling, keep_pods, raise_autoscaled, raise_to
from components.shared import labels

AUTOSCALER = ("horizontalpodautoscaler", "shop")
DEPLOYMENT = ("deployment", "shop")


@dataclass(frozen=True, kw_only=True)
class Cluster(Kubectl):
    """Has objects by kind and name, and keeps what was changed, by whom and in which order."""

    namespace: str = "team"
    objects: dict[tuple[str, str], dict[str, Any]] = field(
        default_factory=dict[tuple[str, str], dict[str, Any]]
    )
    changes: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])

    def run(self, *arguments: str, stdin: str = "") -> str:
        match arguments:
            case ["get", kind, name, *_]:
                if (kind, name) not in self.objects:
                    raise NotFoundError(f"{kind} {name} not found")
                return json.dumps(self.objects[kind, name])
            case ["apply", *_]:
                self.changes.append(("apply", json.loads(stdin)))
            case ["patch", kind, name, owner, "--type", "merge", "--patch", patch]:
                who = owner.removeprefix("--field-manager=")
                self.changes.append((f"{kind} {name} as {who}", json.loads(patch)))
            case _:
                raise AssertionError(arguments)
        return ""


def test_the_pods_that_there_are_are_kept_and_nothing_else_is_taken_over() -> None:
    cluster = Cluster(objects={DEPLOYMENT: {"spec": {"replicas": 7, "template": {}}}})
    keep_pods(cluster, "shop")
    assert cluster.changes == [
        (
            "apply",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "shop", "namespace": "team"},
                "spec": {"replicas": 7},
            },
        )
    ]


def test_of_a_deployment_that_somebody_has_deleted_no_pods_are_kept() -> None:
    cluster = Cluster()
    keep_pods(cluster, "shop")
    assert cluster.changes == []


def test_pods_are_raised_by_an_owner_that_pulumi_takes_nothing_over_from() -> None:
    """As the plugin's own, the field would go back to one pod with the next update."""
    cluster = Cluster(objects={DEPLOYMENT: {"spec": {"replicas": 1}}})
    raise_to(cluster, "shop", 5)
    assert cluster.changes == [("deployment shop as goservice", {"spec": {"replicas": 5}})]


def test_more_pods_than_the_fewest_are_left_as_they_are() -> None:
    for count in (5, 9):
        cluster = Cluster(objects={DEPLOYMENT: {"spec": {"replicas": count}}})
        raise_to(cluster, "shop", 5)
        assert cluster.changes == []


def test_an_autoscaler_agrees_to_the_number_before_the_deployment_has_it() -> None:
    ours = {"kind": "HorizontalPodAutoscaler", "metadata": {"labels": labels("shop")}}
    cluster = Cluster(objects={AUTOSCALER: ours})
    end_autoscaling(cluster, "shop", 4)
    assert cluster.changes == [
        ("horizontalpodautoscaler shop as pulumi-kubernetes", {"spec": {"minReplicas": 4, "maxReplicas": 4}}),
        ("deployment shop as pulumi-kubernetes", {"spec": {"replicas": 4}}),
    ]


def test_an_autoscaler_that_has_gone_or_is_somebody_elses_has_to_agree_to_nothing() -> None:
    theirs = {"kind": "HorizontalPodAutoscaler", "metadata": {"labels": {"app": "shop"}}}
    for cluster in (Cluster(), Cluster(objects={AUTOSCALER: theirs})):
        end_autoscaling(cluster, "shop", 4)
        assert cluster.changes == []


def scaled(labelled: dict[str, str], replicas: int = 3) -> Cluster:
    """A Deployment with an autoscaler that has measured as much as it aims at."""
    metric = {"name": "cpu", "target": {"averageUtilization": 60}}
    used = {"name": "cpu", "current": {"averageUtilization": 60}}
    scaler = {
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"labels": labelled},
        "spec": {"maxReplicas": 20, "metrics": [{"type": "Resource", "resource": metric}]},
        "status": {"currentMetrics": [{"type": "Resource", "resource": used}]},
    }
    return Cluster(objects={AUTOSCALER: scaler, DEPLOYMENT: {"spec": {"replicas": replicas}}})


def test_a_track_takes_over_the_load_of_another_by_an_owner_that_pulumi_takes_nothing_over_from() -> None:
    cluster = scaled(labels("shop"))
    assert raise_autoscaled(cluster, "shop", ready=3, leaving=3) == 6
    assert cluster.changes == [("deployment shop as goservice", {"spec": {"replicas": 6}})]


def test_what_is_enough_or_not_ours_is_left_as_it_is() -> None:
    for cluster in (scaled(labels("shop"), replicas=6), scaled({"app": "shop"}), Cluster()):
        assert raise_autoscaled(cluster, "shop", ready=3, leaving=3) == 0
        assert cluster.changes == []
