"""A workload as GoService gives it to a strategy, made within a program that is recorded."""

from typing import Any

import pulumi

from components import Autoscaling, Probes, Release, Resources, Rollout
from components.cluster import Kubectl
from components.kubernetes import KubernetesObject, Owner, Pod
from components.strategies import Workload


def workload(image: str = "shop", cluster: Kubectl | None = None, **values: Any) -> Workload:
    """The workload of the service shop; `values` replace others of its fields.

    cluster: kubectl in namespace team unless told.
    """
    manifest = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"uid": "uid-7"}}
    pod = Pod(
        owner=Owner(name="shop", namespace="team"),
        release=Release(image=image),
        port=8080,
        probes=Probes(),
        resources=Resources(),
        pre_stop_seconds=5,
        grace_seconds=35,
        pull_secrets=(),
        hashes={},
    )
    given: dict[str, Any] = {
        "pod": pod,
        "rollout": Rollout(timeout_seconds=30),
        "autoscaling": Autoscaling(enabled=False),
        "replicas": 2,
        "triggers": (image,),
        "pull_secrets": (),
        "account": KubernetesObject("account", manifest, pulumi.ResourceOptions()),
        "cluster": pulumi.Output.from_input(cluster or Kubectl(namespace="team")),
        "guard": pulumi.ResourceHook("owned", lambda _: None),
    }
    return Workload(**given | values)
