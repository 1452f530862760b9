"""Creating objects, unless they are there already."""

from __future__ import annotations

from collections.abc import Callable

from local.plugins.base import Context, PluginError, Values, has_unknown
from local.plugins.kubernetes import checkpoint
from local.plugins.kubernetes.apply import Write, apply, is_terminating, post
from local.plugins.kubernetes.cluster import Cluster
from local.plugins.kubernetes.discovery import Resource
from local.plugins.kubernetes.errors import ApiError, explain
from local.plugins.kubernetes.managers import is_applied_by
from local.plugins.kubernetes.objects import Object, gvk_of, id_of, name_of, namespace_of, title, to_object
from local.plugins.kubernetes.waiting import timeout_of, until_gone
from local.plugins.kubernetes.writing import (
    KindMissing,
    field_manager,
    forced,
    may_not_preview,
    settled,
    warner,
)

_GONE_TIMEOUT = 600.0  # s
# A namespace or a definition that the same program creates may come a moment later.
_LATE = (1.0, 2.0, 4.0, 8.0, 16.0)  # s


def create(ctx: Context, cluster: Cluster, inputs: Values, *, replacing: bool) -> tuple[str, Values]:
    """Creates an object and waits for it.

    Args:
        ctx: The call.
        cluster: Where.
        inputs: Checked inputs.
        replacing: The object takes the place of one in the state.

    Raises:
        ApiError: The API server refuses.
        PartialFailure: It is there and not ready.
        PluginError: It is there already, or its kind is not.
    """
    obj = to_object(inputs)
    if ctx.preview:
        return "", _previewed_create(ctx, cluster, inputs, obj, replacing=replacing)
    live, resource, manager = _late(ctx, obj, lambda: _created(ctx, cluster, obj, replacing=replacing))
    if gvk_of(obj).kind == "CustomResourceDefinition":
        cluster.discovery.forget()
    outputs = settled(ctx, cluster, resource, inputs, live, manager=manager)
    return id_of(live), outputs


def _previewed_create(
    ctx: Context, cluster: Cluster, inputs: Values, obj: Object, *, replacing: bool
) -> Values:
    resource = None if has_unknown(inputs) else cluster.discovery.find(gvk_of(obj))
    if resource is None or not cluster.settings.enable_server_side_apply:
        return inputs
    manager = field_manager(ctx, cluster, obj, "")
    there = cluster.get(resource, namespace_of(obj), name_of(obj))
    if there is not None and (replacing or is_terminating(there)):
        return inputs  # the object there will be gone by then, and a dry run would change it
    if there is not None:
        _take(ctx, cluster, obj, there, manager)
    write = Write(manager=manager, force=forced(cluster, obj), dry_run=True)
    try:
        live = apply(cluster.client, resource, obj, write, warner(ctx))
    except ApiError as error:
        if error.missing_namespace(namespace_of(obj)) or may_not_preview(ctx, error, obj):
            return inputs
        raise
    return checkpoint.previewed(checkpoint.outputs(inputs, live, manager=manager), obj)


def _created(ctx: Context, cluster: Cluster, obj: Object, *, replacing: bool) -> tuple[Object, Resource, str]:
    resource = cluster.discovery.find(gvk_of(obj))
    if resource is None:
        raise KindMissing(obj)
    manager = field_manager(ctx, cluster, obj, "")
    write = Write(manager=manager, force=forced(cluster, obj))
    there = cluster.get(resource, namespace_of(obj), name_of(obj))
    if there is not None and is_terminating(there):
        until_gone(ctx, cluster, resource, there, timeout_of(ctx, obj, _GONE_TIMEOUT))
    elif there is not None and replacing:
        raise PluginError(
            f"{title(obj)} cannot take its own place while it is there; give the resource the option "
            "delete_before_replace=True, or leave its name to be made"
        )
    elif there is not None:
        _take(ctx, cluster, obj, there, manager)
    if not cluster.settings.enable_server_side_apply:
        return post(cluster.client, resource, obj, write, warner(ctx)), resource, manager
    return apply(cluster.client, resource, obj, write, warner(ctx)), resource, manager


def _late(
    ctx: Context, obj: Object, attempt: Callable[[], tuple[Object, Resource, str]]
) -> tuple[Object, Resource, str]:
    for delay in _LATE:
        try:
            return attempt()
        except KindMissing as error:
            reason = str(error)
        except ApiError as error:
            if not error.not_found:
                raise
            reason = explain(error, title(obj))
        ctx.status(f"Trying again: {reason}")
        if ctx.cancelled.wait(delay):
            raise PluginError(f"cancelled; {reason}")
    return attempt()


def _take(ctx: Context, cluster: Cluster, obj: Object, there: Object, manager: str) -> None:
    """Lets an object that is there become this resource's, if it may.

    Raises:
        PluginError: It is somebody else's.
    """
    if is_applied_by(there, manager):
        # The run that made it was killed before it could say so, or `--replace` makes before it deletes.
        ctx.log("warning", f"{title(obj)} was made by this resource before, and is changed in place")
        cluster.taken.add((ctx.urn, id_of(obj)))
    elif not cluster.settings.upsert_existing_objects:
        raise PluginError(
            f"{title(obj)} already exists in the cluster, and not in this stack. Delete it, rename it, "
            f"take it over with `pulumi import --generate-code=false {ctx.type} {ctx.name} {id_of(obj)}`, "
            "or let all objects be taken over with `pulumi config set kubernetes:upsertExistingObjects true`"
        )
