"""A release that did not come up is taken back: the pods that still serve stay, the new ones go."""

import json
from typing import Any

from .failed_pods import Reason
from .failure_report import collect_reasons, in_a_line, report
from .kubectl import ClusterError, Kubectl
from .naming import track_selector
from .releases import REVISION
from .tracks import named, release


def refused(cluster: Kubectl, service: str) -> str:
    """What serves after an update that the cluster did not take, in a line."""
    try:
        deployment = cluster.get("deployment", service)
    except ClusterError as error:
        return f"{service}: the cluster does not tell what serves: {error}"
    if deployment is None:
        return (
            f"{service}: there is no such Deployment, so nothing serves; the error of the update says why\n"
            "  if somebody has deleted it, run `pulumi refresh`, then this again"
        )
    ready, wanted = deployment["status"].get("readyReplicas", 0), deployment["spec"]["replicas"]
    serves = f"{named(release(template(deployment)))} serves, {ready} of {wanted} pods ready"
    return f"{service}: {serves}, and nothing was changed; the error of the update says what failed"


def taken_back(cluster: Kubectl, service: str) -> str:
    """Goes back to what still serves. Returns why, what was done and what serves, in at most 14 lines."""
    try:
        deployment = cluster.get("deployment", service)
        if deployment is None:
            return f"{service}: the Deployment has gone, so nothing serves; `pulumi refresh`, then try again"
        items = cluster.list("replicasets.apps,pods", track_selector(service, "stable"))
    except ClusterError as error:
        return f"{service}: the cluster does not tell what became of the release: {error}"
    sets = owned(items, "ReplicaSet", deployment)
    asked = next((each for each in sets if template(each) == template(deployment)), None)
    was, ready = named(release(template(deployment))), _ready(asked)
    count = f"{ready} of {deployment['spec']['replicas']} pods ready"
    # First of all: the pods go with the release.
    reasons = collect_reasons(cluster, deployment, owned(items, "Pod", asked) if asked else [])
    if came_up(deployment):
        return _told(f"{service}: {was} serves, {count}, and nothing is taken back", reasons)
    what = f"did not come up ({count})"
    serving = serving_set(deployment, sets)
    if serving is None:
        return _told(f"{service}: {was} {what}, and there is no earlier release to go back to", reasons)
    before = named(release(template(serving)))
    serves = f"{before} serves, {_ready(serving)} pods ready" + (
        ", settings as before" if before == was else ""
    )
    try:
        if asked:
            _note(cluster, asked, f"{what}: {in_a_line(reasons)}")
        cluster.patch("deployment", service, going_back(serving))
    except ClusterError as error:
        return _told(
            f"{service}: {was} {what} and could not be taken back, {serves} beside it: {error}", reasons
        )
    return _told(f"{service}: {was} {what} and is TAKEN BACK; {serves}", reasons)


def came_up(deployment: dict[str, Any]) -> bool:
    """Whether the cluster has seen what is asked for now, and all of its pods got ready."""
    status = deployment["status"]
    conditions = {each["type"]: each.get("reason") for each in status.get("conditions", [])}
    seen = status.get("observedGeneration", 0) >= deployment["metadata"]["generation"]
    return seen and conditions.get("Progressing") == "NewReplicaSetAvailable"


def owned(items: list[dict[str, Any]], kind: str, owner: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of a kind that another one has made."""
    uid = owner["metadata"]["uid"]
    return [
        each
        for each in items
        if each["kind"] == kind and any(o["uid"] == uid for o in each["metadata"].get("ownerReferences", []))
    ]


def serving_set(deployment: dict[str, Any], sets: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The ReplicaSet with ready pods, of another release than is asked for now; the newest of several."""
    candidates = [each for each in sets if _ready(each) and template(each) != template(deployment)]
    return max(candidates, key=lambda each: int(each["metadata"]["annotations"][REVISION]), default=None)


def going_back(replica_set: dict[str, Any]) -> list[dict[str, Any]]:
    """JSON patch that gives a Deployment the pod template of a ReplicaSet."""
    return [{"op": "replace", "path": "/spec/template", "value": template(replica_set)}]


def template(workload: dict[str, Any]) -> dict[str, Any]:
    """Pod template of a Deployment or ReplicaSet, without the label that tells ReplicaSets apart."""
    pods = workload["spec"]["template"]
    labels = {key: value for key, value in pods["metadata"]["labels"].items() if key != "pod-template-hash"}
    return pods | {"metadata": pods["metadata"] | {"labels": labels}}


def _note(cluster: Kubectl, replica_set: dict[str, Any], reason: str) -> None:
    """Writes down with the release what became of it, for the history."""
    of = release(template(replica_set))
    record = json.dumps({"verdict": "taken back", "reason": reason, "release": of})
    cluster.annotate("replicaset", replica_set["metadata"]["name"], record=record)


def _told(headline: str, reasons: list[Reason]) -> str:
    return "\n".join(report(headline, reasons))


def _ready(replica_set: dict[str, Any] | None) -> int:
    return replica_set["status"].get("readyReplicas", 0) if replica_set else 0
