"""The history of a service, read from the cluster and written to it."""

from typing import Any

from ...shared import RECORD, selector, track_selector
from ..kubectl import Kubectl
from ..tracks import template_without_track
from .deployed_release import DeployedRelease, deployed_release
from .history import REVISION, PastRelease, past_releases
from .record import Record, parse_record


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
    for each in _stable_sets(cluster, service, template_without_track(template)):
        clear_failure(cluster, each)


def write_record(
    cluster: Kubectl, service: str, record: Record, *, template: dict[str, Any] | None = None
) -> None:
    """Records on the stable track what became of a release. Raises ClusterError.

    template: Track.template of the pods that it is about; None for all pods with its image.
    """
    for each in _stable_sets(cluster, service, template):
        if deployed_release(each["spec"]["template"]).image == record.release.image:
            cluster.annotate("replicaset", each["metadata"]["name"], {RECORD: record.to_json()})


def record_replaced(cluster: Kubectl, service: str, left: DeployedRelease, by: str) -> None:
    """Records with a release that a rollback replaces it. Raises ClusterError.

    by: name of the release that is rolled back to.
    """
    reason = f"replaced by a rollback to {by}"
    write_record(cluster, service, Record(verdict="rolled back", reason=reason, release=left))


def _stable_sets(cluster: Kubectl, service: str, template: dict[str, Any] | None) -> list[dict[str, Any]]:
    """ReplicaSets of the stable track with a template without its track; None for all."""
    found = cluster.list("replicasets", track_selector(service, "stable"))
    return [
        each
        for each in found
        if template is None or template_without_track(each["spec"]["template"]) == template
    ]
