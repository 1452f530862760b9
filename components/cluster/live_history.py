"""The history of a service, read from the cluster and written to it."""

from typing import Any

from ..shared import RECORD, selector, track_selector
from .deployed_release import deployed_release
from .history import REVISION, PastRelease, past_releases
from .kubectl import Kubectl
from .record import Record, parse_record
from .tracks import template_without_track


def find_history(cluster: Kubectl, service: str) -> list[PastRelease] | None:
    """Releases of a service, newest first; None if it has no Deployment. Raises ClusterError."""
    found = cluster.get("deployment", service)
    if found is None:
        return None
    sets = cluster.list("replicasets", selector(service))
    return past_releases(sets, found["metadata"].get("annotations", {}).get(REVISION, ""))


def clear_failure(cluster: Kubectl, replica_set: dict[str, Any]) -> None:
    """Removes the record of a failure from a ReplicaSet whose pods serve after all. Raises ClusterError."""
    record = parse_record(replica_set["metadata"].get("annotations", {}).get(RECORD, ""))
    if record and record.verdict == "rolled back":
        cluster.annotate("replicaset", replica_set["metadata"]["name"], {RECORD: None})


def clear_failures(cluster: Kubectl, service: str, template: dict[str, Any]) -> None:
    """Removes the records of failures from the ReplicaSets of a pod template. Raises ClusterError."""
    for each in cluster.list("replicasets", track_selector(service, "stable")):
        if template_without_track(each["spec"]["template"]) == template_without_track(template):
            clear_failure(cluster, each)


def write_record(
    cluster: Kubectl, service: str, record: Record, *, template: dict[str, Any] | None = None
) -> None:
    """Records on the stable track what became of a release. Raises ClusterError.

    template: Track.template of the pods that it is about; None for all pods with its image.
    """
    for each in cluster.list("replicasets", track_selector(service, "stable")):
        own = each["spec"]["template"]
        if deployed_release(own).image == record.release.image and (
            template is None or template_without_track(own) == template
        ):
            cluster.annotate("replicaset", each["metadata"]["name"], {RECORD: record.to_json()})
