"""Creating and changing objects, and waiting until they are ready."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from local.plugins.base import Context, PartialFailure, PluginError, Values, has_unknown
from local.plugins.kubernetes import checkpoint
from local.plugins.kubernetes.apply import Write, apply, is_terminating, merge, post
from local.plugins.kubernetes.cluster import Cluster
from local.plugins.kubernetes.discovery import Resource
from local.plugins.kubernetes.errors import ApiError, explain
from local.plugins.kubernetes.managers import is_applied_by, manager_of
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
from local.plugins.kubernetes.waiting import WaitFailed, timeout_of, until_gone, until_ready

_CLIENT_SIDE_MANAGER = "pulumi-kubernetes"
_MANAGER_ANNOTATION = "pulumi.com/patchFieldManager"
_FORCE = "pulumi.com/patchForce"
_GONE_TIMEOUT = 600.0  # s
# A namespace or a definition that the same program creates may come a moment later.
_LATE = (1.0, 2.0, 4.0, 8.0, 16.0)  # s


def field_manager(ctx: Context, cluster: Cluster, obj: Object, known: str) -> str:
    """The manager an object is written as: what the object says, else the one it has, else the resource's."""
    if not cluster.settings.enable_server_side_apply:
        return _CLIENT_SIDE_MANAGER
    return annotation(obj, _MANAGER_ANNOTATION) or known or manager_of(ctx.urn)


def _force(cluster: Cluster, obj: Object) -> bool:
    return cluster.settings.enable_patch_force or is_annotated(obj, _FORCE)


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
    outputs = _ready(ctx, cluster, resource, inputs, live, manager=manager)
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
    write = Write(manager=manager, force=_force(cluster, obj), dry_run=True)
    try:
        live = apply(cluster.client, resource, obj, write, _warn(ctx))
    except ApiError as error:
        if error.missing_namespace(namespace_of(obj)) or _may_not_preview(ctx, error, obj):
            return inputs
        raise
    return checkpoint.previewed(checkpoint.outputs(inputs, live, manager=manager), obj)


def _may_not_preview(ctx: Context, error: ApiError, obj: Object) -> bool:
    """Whether a dry run was forbidden: reading rights alone are enough for a preview."""
    if error.status == 403:
        ctx.log(
            "warning", f"previewed without the API server's checks and defaults: {explain(error, title(obj))}"
        )
    return error.status == 403


def _created(ctx: Context, cluster: Cluster, obj: Object, *, replacing: bool) -> tuple[Object, Resource, str]:
    resource = cluster.discovery.find(gvk_of(obj))
    if resource is None:
        raise KindMissing(obj)
    manager = field_manager(ctx, cluster, obj, "")
    write = Write(manager=manager, force=_force(cluster, obj))
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
        return post(cluster.client, resource, obj, write, _warn(ctx)), resource, manager
    return apply(cluster.client, resource, obj, write, _warn(ctx)), resource, manager


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


class KindMissing(PluginError):  # noqa: N818 - what is wrong
    """The API server does not have the kind of an object."""

    def __init__(self, obj: Object) -> None:
        gvk = gvk_of(obj)
        super().__init__(
            f"{title(obj)}: the API server has no kind {gvk.kind} in {gvk.api_version}; install what "
            "defines it (its CustomResourceDefinition) first, or correct the API version"
        )


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
    write = Write(manager=manager, force=_force(cluster, obj), dry_run=ctx.preview, ignored=ignored)
    try:
        if cluster.settings.enable_server_side_apply:
            live = apply(cluster.client, resource, obj, write, _warn(ctx))
        else:
            live = merge(cluster.client, resource, obj, write, _warn(ctx), old=to_object(old_inputs))
    except ApiError as error:
        if ctx.preview and _may_not_preview(ctx, error, obj):
            return news
        raise
    if ctx.preview:
        return checkpoint.outputs(news, live, manager=manager)
    return _ready(ctx, cluster, resource, news, live, manager=manager)


def _ready(
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


def _warn(ctx: Context) -> Callable[[str], None]:
    return lambda text: ctx.log("warning", text)
