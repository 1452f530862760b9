"""Rolls back a release that did not come up: the pods that still serve stay, the new ones go."""

from typing import Any

from ...cluster import (
    REVISION,
    ClusterError,
    Kubectl,
    Reason,
    Record,
    clear_failure,
    collect_reasons,
    deployed_release,
    in_a_line,
    report,
)
from ...shared import RECORD, track_selector


def describe_refusal(cluster: Kubectl, service: str) -> str:
    """What serves after an update that the cluster refused."""
    try:
        deployment = cluster.get("deployment", service)
    except ClusterError as error:
        return f"{service}: it is not known what serves: {error}"
    if deployment is None:
        return (
            f"{service}: there is no such Deployment, so nothing serves; the error of the update says why\n"
            "  if it was deleted by hand, run `pulumi refresh`, then this again"
        )
    ready, wanted = deployment["status"].get("readyReplicas", 0), deployment["spec"]["replicas"]
    serves = f"{deployed_release(template(deployment)).name} serves, {ready} of {wanted} pods ready"
    return f"{service}: {serves}, and nothing was changed; the error of the update says what failed"


def roll_back(cluster: Kubectl, service: str) -> str:
    """Rolls back to the release that still serves. Returns why, what was done and what serves: 14 lines."""
    try:
        deployment = cluster.get("deployment", service)
        if deployment is None:
            return (
                f"{service}: the Deployment was deleted and nothing serves; run `pulumi refresh`, then retry"
            )
        items = cluster.list("replicasets.apps,pods", track_selector(service, "stable"))
    except ClusterError as error:
        return f"{service}: the state of the release is not known: {error}"
    sets = owned(items, "ReplicaSet", deployment)
    asked = next((each for each in sets if template(each) == template(deployment)), None)
    was, ready = deployed_release(template(deployment)).name, _ready(asked)
    count = f"{ready} of {deployment['spec']['replicas']} pods ready"
    # Before anything else, as the pods go with the release.
    reasons = collect_reasons(cluster, deployment, owned(items, "Pod", asked) if asked else [])
    if came_up(deployment):
        return _report(f"{service}: {was} serves, {count}, so nothing was rolled back", reasons)
    what = f"did not come up ({count})"
    serving = serving_set(deployment, sets)
    if serving is None:
        return _report(f"{service}: {was} {what}, and there is no earlier release to go back to", reasons)
    before = deployed_release(template(serving)).name
    serves = f"{before} serves, {_ready(serving)} pods ready" + (
        ", settings as before" if before == was else ""
    )
    try:
        if asked:
            _write_record(cluster, asked, f"{what}: {in_a_line(reasons)}")
        clear_failure(cluster, serving)
        cluster.patch("deployment", service, template_patch(serving))
    except ClusterError as error:
        return _report(
            f"{service}: {was} {what} and could not be rolled back, {serves} beside it: {error}", reasons
        )
    return _report(f"{service}: {was} {what} and is ROLLED BACK; {serves}", reasons)


def came_up(deployment: dict[str, Any]) -> bool:
    """Whether the cluster has observed the current spec, and all of its pods got ready."""
    status = deployment["status"]
    conditions = {each["type"]: each.get("reason") for each in status.get("conditions", [])}
    seen = status.get("observedGeneration", 0) >= deployment["metadata"]["generation"]
    return seen and conditions.get("Progressing") == "NewReplicaSetAvailable"


def owned(items: list[dict[str, Any]], kind: str, owner: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of a kind that another object owns."""
    uid = owner["metadata"]["uid"]
    return [
        each
        for each in items
        if each["kind"] == kind and any(o["uid"] == uid for o in each["metadata"].get("ownerReferences", []))
    ]


def serving_set(deployment: dict[str, Any], sets: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The newest ReplicaSet with ready pods and another pod template than the Deployment."""
    candidates = [each for each in sets if _ready(each) and template(each) != template(deployment)]
    return max(candidates, key=lambda each: int(each["metadata"]["annotations"][REVISION]), default=None)


def template_patch(replica_set: dict[str, Any]) -> list[dict[str, Any]]:
    """JSON patch that gives a Deployment the pod template of a ReplicaSet."""
    return [{"op": "replace", "path": "/spec/template", "value": template(replica_set)}]


def template(workload: dict[str, Any]) -> dict[str, Any]:
    """Pod template of a Deployment or ReplicaSet, without the label that tells ReplicaSets apart."""
    pods = workload["spec"]["template"]
    labels = {key: value for key, value in pods["metadata"]["labels"].items() if key != "pod-template-hash"}
    return pods | {"metadata": pods["metadata"] | {"labels": labels}}


def _write_record(cluster: Kubectl, replica_set: dict[str, Any], reason: str) -> None:
    """Records with the release what became of it."""
    record = Record(
        verdict="rolled back", reason=reason, release=deployed_release(template(replica_set))
    ).to_json()
    cluster.annotate("replicaset", replica_set["metadata"]["name"], {RECORD: record})


def _report(headline: str, reasons: list[Reason]) -> str:
    return "\n".join(report(headline, reasons))


def _ready(replica_set: dict[str, Any] | None) -> int:
    return replica_set["status"].get("readyReplicas", 0) if replica_set else 0
