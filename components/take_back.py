"""A release that did not come up is taken back: the pods that still serve stay, the new ones go."""

import json
from typing import Any

import pulumi

from .kubectl import ClusterError, Kubectl
from .naming import track_selector
from .releases import REVISION
from .tracks import release


def hook(name: str, namespace: str, service: str) -> pulumi.ResourceHookBinding:
    """Takes back a failed update of a stable track. Pulumi still reports the failure as such."""

    def on_error(args: pulumi.ErrorHookArgs) -> bool:
        if args.failed_operation == "update":
            pulumi.log.error(taken_back(Kubectl(namespace=namespace, say=pulumi.log.info), service))
        return False

    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook(f"{name}-take-back", on_error)])


def taken_back(cluster: Kubectl, service: str) -> str:
    """Goes back to what still serves. Returns what was done, or why nothing could be, in one line."""
    try:
        deployment = cluster.get("deployment", service)
        sets = cluster.list("replicasets", track_selector(service, "stable"))
        serving = serving_set(deployment, sets) if deployment else None
        if deployment is None or serving is None:
            return f"{service}: no earlier release serves, so there is nothing to go back to"
        was = release(deployment["spec"]["template"])
        _note(cluster, deployment, sets, was)
        cluster.run(
            "patch", "deployment", service, "--type", "json", "--patch", json.dumps(going_back(serving))
        )
    except ClusterError as error:
        return f"{service}: could not be taken back, and the release before it serves on beside it: {error}"
    now = release(serving["spec"]["template"])
    return (
        f"{service}: {_named(was)} did not come up and is TAKEN BACK; {_named(now)} serves, "
        f"{serving['status']['readyReplicas']} pods ready"
    )


def _note(
    cluster: Kubectl, deployment: dict[str, Any], sets: list[dict[str, Any]], was: dict[str, str]
) -> None:
    """Writes down with the release what became of it, for the history."""
    revision = deployment["metadata"]["annotations"].get(REVISION)
    record = json.dumps({"verdict": "taken back", "reason": "did not come up", "release": was})
    for each in sets:
        if each["metadata"]["annotations"].get(REVISION) == revision:
            cluster.annotate("replicaset", each["metadata"]["name"], record=record)


def serving_set(deployment: dict[str, Any], sets: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The ReplicaSet with ready pods, of another release than is asked for now; the newest of several."""
    own = deployment["metadata"]["uid"]
    current = deployment["metadata"]["annotations"].get(REVISION, "")
    candidates = [
        each
        for each in sets
        if any(owner["uid"] == own for owner in each["metadata"].get("ownerReferences", []))
        and each["status"].get("readyReplicas", 0) > 0
        and each["metadata"]["annotations"].get(REVISION) != current
    ]
    return max(candidates, key=lambda each: int(each["metadata"]["annotations"][REVISION]), default=None)


def going_back(replica_set: dict[str, Any]) -> list[dict[str, Any]]:
    """JSON patch that gives a Deployment the pod template of a ReplicaSet."""
    template = replica_set["spec"]["template"]
    metadata = template["metadata"]
    labels = {key: value for key, value in metadata["labels"].items() if key != "pod-template-hash"}
    value = template | {"metadata": metadata | {"labels": labels}}
    return [{"op": "replace", "path": "/spec/template", "value": value}]


def _named(of: dict[str, str]) -> str:
    return of["version"] or of["image"]
