"""Changing objects, and what creating and changing have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from local.plugins.base import Context, PartialFailure, PluginError, Values, has_unknown
from local.plugins.kubernetes import checkpoint
from local.plugins.kubernetes.apply import Write, apply, merge
from local.plugins.kubernetes.cluster import Cluster
from local.plugins.kubernetes.discovery import Resource
from local.plugins.kubernetes.errors import ApiError, explain
from local.plugins.kubernetes.managers import manager_of
from local.plugins.kubernetes.objects import (
    Object,
    annotation,
    gvk_of,
    id_of,
    is_annotated,
    name_of,
    namespace_of,
    title,
    to_object,
)
from local.plugins.kubernetes.secret import redact
from local.plugins.kubernetes.waiting import WaitFailed, until_ready

_CLIENT_SIDE_MANAGER = "pulumi-kubernetes"
_MANAGER_ANNOTATION = "pulumi.com/patchFieldManager"
_FORCE = "pulumi.com/patchForce"


class KindMissing(PluginError):  # noqa: N818 - what is wrong
    """The API server does not have the kind of an object."""

    def __init__(self, obj: Object) -> None:
        gvk = gvk_of(obj)
        super().__init__(
            f"{title(obj)}: the API server has no kind {gvk.kind} in {gvk.api_version}; install what "
            "defines it (its CustomResourceDefinition) first, or correct the API version"
        )


def field_manager(ctx: Context, cluster: Cluster, obj: Object, known: str) -> str:
    """The manager an object is written as: what the object says, else the one it has, else the resource's."""
    if not cluster.settings.enable_server_side_apply:
        return _CLIENT_SIDE_MANAGER
    return annotation(obj, _MANAGER_ANNOTATION) or known or manager_of(ctx.urn)


def forced(cluster: Cluster, obj: Object) -> bool:
    """Whether fields of other managers are taken over."""
    return cluster.settings.enable_patch_force or is_annotated(obj, _FORCE)


def update(
    ctx: Context,
    cluster: Cluster,
    news: Values,
    *,
    old_inputs: Values,
    old_outputs: Values,
    ignored: Sequence[str],
) -> Values:
    """Changes an object and waits for it.

    Args:
        ctx: The call.
        cluster: Where.
        news: Inputs to be in force.
        old_inputs: Inputs in force.
        old_outputs: The state.
        ignored: Property paths the program leaves to others.

    Raises:
        ApiError: The API server refuses.
        PartialFailure: It has been changed and is not ready.
        PluginError: Its kind is not there any more.
    """
    obj = to_object(news)
    if ctx.preview and has_unknown(news):
        return news
    resource = cluster.discovery.find(gvk_of(obj))
    if resource is None:
        if ctx.preview:
            return news
        raise KindMissing(obj)
    manager = field_manager(ctx, cluster, obj, checkpoint.manager_of(old_outputs))
    write = Write(manager=manager, force=forced(cluster, obj), dry_run=ctx.preview, ignored=ignored)
    try:
        if cluster.settings.enable_server_side_apply:
            live = apply(cluster.client, resource, obj, write, warner(ctx))
        else:
            live = merge(cluster.client, resource, obj, write, warner(ctx), old=to_object(old_inputs))
    except ApiError as error:
        if ctx.preview and may_not_preview(ctx, error, obj):
            return news
        raise
    if ctx.preview:
        return checkpoint.outputs(news, live, manager=manager)
    return settled(ctx, cluster, resource, news, live, manager=manager)


def may_not_preview(ctx: Context, error: ApiError, obj: Object) -> bool:
    """Whether a dry run was forbidden: reading rights alone are enough for a preview."""
    if error.status == 403:
        ctx.log(
            "warning", f"previewed without the API server's checks and defaults: {explain(error, title(obj))}"
        )
    return error.status == 403


def settled(
    ctx: Context, cluster: Cluster, resource: Resource, inputs: Values, live: Object, *, manager: str
) -> Values:
    """Waits for an object just written; its state is kept whether or not it becomes ready."""
    failure: PluginError | None = None
    try:
        until_ready(ctx, cluster, resource, to_object(inputs), live)
    except PluginError as error:
        failure = error
    except ApiError as error:
        failure = PluginError(explain(error, title(live)))
    try:
        live = cluster.get(resource, namespace_of(live), name_of(live)) or live
    except (ApiError, PluginError) as error:
        # The object was written: its state must not be lost for want of a newer one.
        ctx.log("debug", f"{title(live)} could not be read again: {error}")
    outputs = checkpoint.outputs(inputs, live, manager=manager)
    if failure is None:
        return outputs
    text = str(failure)
    if isinstance(failure, WaitFailed):
        text += "\nIt stays in the state as it is; the next `pulumi up` tries again"
    raise PartialFailure(id_of(live), outputs, [redact(text, inputs, live)])


def warner(ctx: Context) -> Callable[[str], None]:
    """Passes the API server's warnings on to the user."""
    return lambda text: ctx.log("warning", text)
