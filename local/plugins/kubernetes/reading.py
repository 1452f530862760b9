"""Reading objects: for refreshes, imports and lookups."""

from __future__ import annotations

import os
from collections.abc import Callable

from local.plugins.base import Context, PartialFailure, PluginError, Values
from local.plugins.kubernetes import checkpoint, kubeconfig, settings
from local.plugins.kubernetes.await_pods import is_true
from local.plugins.kubernetes.changes import drifted, imported
from local.plugins.kubernetes.cluster import Cluster
from local.plugins.kubernetes.objects import (
    Object,
    gvk_of,
    gvk_of_token,
    is_annotated,
    name_of,
    namespace_of,
    split_id,
    title,
    to_object,
    to_values,
)
from local.plugins.kubernetes.secret import protect, redact
from local.plugins.kubernetes.waiting import unready
from local.plugins.kubernetes.writing import field_manager

_REPLACE_UNREADY = "pulumi.com/replaceUnready"


def read(
    ctx: Context,
    cluster: Cluster,
    id: str,
    inputs: Values,
    state: Values,
) -> tuple[str, Values, Values] | None:
    """The id, inputs and state of an object as it is now, None when it is gone.

    Args:
        ctx: The call.
        cluster: Where.
        id: `<namespace>/<name>` or `<name>`.
        inputs: Inputs in force; empty for an import.
        state: The state; empty for an import.

    Raises:
        ApiError: The API server refuses.
        PartialFailure: It is there and not ready.
        PluginError: The id or the type cannot be read.
    """
    namespace, name = split_id(id)
    inputs = checkpoint.sent(inputs, state)
    sent = to_object(inputs)
    gvk = gvk_of(sent) if sent.get("kind") else gvk_of_token(ctx.type)
    resource = cluster.discovery.find(gvk)
    if resource is None:
        return None
    live = cluster.get(resource, namespace or cluster.namespace, name)
    if live is None:
        return None
    now = drifted(sent, to_object(state), live) if sent else imported(live)
    new_inputs = protect(to_values(now), inputs)
    manager = field_manager(ctx, cluster, now, checkpoint.manager_of(state))
    outputs = checkpoint.outputs(new_inputs, live, manager=manager)
    if sent and (reasons := unready(cluster, sent, live)):
        texts = [redact(f"{title(live)} is not ready: {reason}", inputs, live) for reason in reasons]
        raise PartialFailure(id, outputs, texts, inputs=new_inputs)
    return id, new_inputs, outputs


def wants_replacing(cluster: Callable[[], Cluster], obj: Object) -> bool:
    """Whether a Job asks to be made anew until it completes, and has not."""
    if gvk_of(obj).kind != "Job" or not is_annotated(obj, _REPLACE_UNREADY):
        return False
    live = cluster().find(gvk_of(obj), namespace_of(obj), name_of(obj))
    return live is not None and not is_true(live, "Complete")


def server_of(args: Values) -> str:
    """URL of the API server a configuration leads to, empty when it leads nowhere."""
    found = settings.read(args, os.environ)
    try:
        return kubeconfig.load(
            kubeconfig=found.kubeconfig, context=found.context, cluster=found.cluster, environ=os.environ
        ).server
    except PluginError:
        return ""  # an old configuration need not work any more
