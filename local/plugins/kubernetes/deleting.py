"""Deleting objects, and waiting until they are gone."""

from __future__ import annotations

from local.plugins.base import Context, Values
from local.plugins.kubernetes.await_kinds import SKIP
from local.plugins.kubernetes.cluster import Cluster
from local.plugins.kubernetes.errors import ApiError
from local.plugins.kubernetes.objects import (
    annotation,
    gvk_of,
    gvk_of_token,
    is_annotated,
    split_id,
    to_object,
)
from local.plugins.kubernetes.waiting import timeout_of, until_gone

_POLICY = "pulumi.com/deletionPropagationPolicy"
_POLICIES = {"orphan": "Orphan", "background": "Background"}
_TIMEOUT = 600.0  # s
# The official provider leaves these to the cluster when told to skip waiting, and waits for all others.
_SKIPPABLE = frozenset(
    {"Namespace", "Pod", "ReplicationController", "DaemonSet", "Deployment", "StatefulSet", "Job"}
)


def delete(ctx: Context, cluster: Cluster, id: str, inputs: Values, state: Values) -> None:
    """Deletes an object with everything it owns; one that is gone already is no error.

    Raises:
        ApiError: The API server refuses.
        WaitFailed: It is not gone in time.
    """
    obj = to_object(inputs) or to_object(state)
    if (ctx.urn, id) in cluster.taken:
        return  # its successor has become of it
    namespace, name = split_id(id)
    resource = cluster.discovery.find(gvk_of(obj) if obj.get("kind") else gvk_of_token(ctx.type))
    if resource is None:
        return  # its kind has been removed, and its objects with it
    live = cluster.get(resource, namespace, name)
    if live is None:
        return
    policy = _POLICIES.get(annotation(obj, _POLICY).lower(), "Foreground")
    options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": policy}
    try:
        cluster.client.request("DELETE", resource.path(namespace, name), body=options)
    except ApiError as error:
        if not error.not_found:
            raise
        return
    if not (is_annotated(obj, SKIP) and obj.get("kind") in _SKIPPABLE):
        until_gone(ctx, cluster, resource, live, timeout_of(ctx, obj, _TIMEOUT))
