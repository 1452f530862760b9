"""Waiting: looking again and again until something is so, the time is up, or the user stops."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from local.plugins.base import Context, PluginError
from local.plugins.kubernetes.await_kinds import Look, looker_for
from local.plugins.kubernetes.await_verdict import READY, Verdict
from local.plugins.kubernetes.client import Cancelled
from local.plugins.kubernetes.cluster import Cluster
from local.plugins.kubernetes.discovery import Resource
from local.plugins.kubernetes.errors import ApiError, Unreachable, explain
from local.plugins.kubernetes.objects import Object, annotation, name_of, namespace_of, title

TIMEOUT = "pulumi.com/timeoutSeconds"
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 1.0  # s
_QUIET = 0.5  # s; what is over by then needs no words


class WaitFailed(PluginError):  # noqa: N818 - what happened
    """What was waited for did not happen."""

    def __init__(self, summary: str, reasons: Sequence[str]) -> None:
        bullets = "".join(f"\n  - {reason}" for reason in reasons)
        super().__init__(f"{summary}:{bullets}" if bullets else summary)


def timeout_of(ctx: Context, inputs: Object, default: float) -> float:
    """Seconds to wait: custom timeouts, else the annotation, else the kind's default."""
    if ctx.timeout:
        return ctx.timeout
    text = annotation(inputs, TIMEOUT)
    if not text:
        return default
    if not text.isdigit() or int(text) == 0:
        raise PluginError(f"{TIMEOUT}: {text!r} is no number of seconds; write a whole number above 0")
    return float(text)


def until(
    ctx: Context,
    look: Callable[[float], Verdict],
    timeout: float,
    what: str,
    *,
    state: str,
    closely: Callable[[], Verdict],
) -> None:
    """Looks until a verdict is ready.

    Args:
        ctx: The call: status lines go there, and it knows when the user stops.
        look: Gives a verdict, told how many seconds have passed.
        timeout: Seconds.
        what: What is waited for, as in "Deployment shop/web".
        state: What it is to be, as in "ready".
        closely: Looks once more, for all reasons, when the wait has failed.

    Raises:
        WaitFailed: The time is up, it is hopeless, or the user stops.
    """
    start = time.monotonic()
    pause, shown = _FIRST_PAUSE, ""
    while True:
        waited = time.monotonic() - start
        verdict = _looked(look, waited)
        if not verdict.ready and (verdict.hopeless or waited >= timeout):
            verdict, last = _looked(lambda _: closely(), waited), verdict
            if not verdict.ready:
                outcome = (
                    f"will not become {state}"
                    if last.hopeless
                    else f"is not {state} after {_duration(timeout)}"
                )
                raise WaitFailed(f"{what} {outcome}", verdict.reasons or last.reasons)
        if verdict.ready:
            if shown:
                ctx.status("")
            return
        if verdict.status != shown and waited >= _QUIET:
            shown = verdict.status
            ctx.status(shown)
        if ctx.cancelled.wait(min(pause, max(timeout - waited, 0.01))):
            raise WaitFailed(f"cancelled while waiting for {what} to be {state}", verdict.reasons)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _looked(look: Callable[[float], Verdict], waited: float) -> Verdict:
    try:
        return look(waited)
    except Unreachable as error:
        # A short outage of the API server is no reason to give up on what the cluster does meanwhile.
        return Verdict(status="Waiting for the API server to answer again", reasons=(str(error),))
    except Cancelled:
        return Verdict(status="cancelled", reasons=("the wait was cancelled",))


def _duration(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 and seconds % 60 == 0 else f"{seconds:g} s"


def until_ready(ctx: Context, cluster: Cluster, resource: Resource, inputs: Object, obj: Object) -> None:
    """Waits until an object just written is ready, as its kind and annotations ask for.

    Raises:
        WaitFailed: It did not become ready.
    """
    found = looker_for(inputs)
    if found is None:
        return
    looker, default = found

    def look(waited: float, *, deep: bool = False) -> Verdict:
        try:
            now = cluster.get(resource, namespace_of(obj), name_of(obj))
            if now is None:
                return Verdict(hopeless=True, reasons=("it has been deleted meanwhile",))
            return looker(Look(cluster=cluster, obj=now, waited=waited, deep=deep))
        except ApiError as error:
            return Verdict(status="Waiting for the API server", reasons=(explain(error, title(inputs)),))

    timeout = timeout_of(ctx, inputs, default)
    until(ctx, look, timeout, title(obj), state="ready", closely=lambda: look(timeout, deep=True))


def unready(cluster: Cluster, inputs: Object, obj: Object) -> Sequence[str]:
    """Why an object is not ready now; empty when it is, or when nobody waits for such an object."""
    found = looker_for(inputs)
    verdict = READY if found is None else found[0](Look(cluster=cluster, obj=obj))
    return () if verdict.ready else verdict.reasons


def until_gone(ctx: Context, cluster: Cluster, resource: Resource, obj: Object, timeout: float) -> None:
    """Waits until an object that is being deleted is not there any more.

    Raises:
        WaitFailed: It is still there.
    """
    uid = (obj.get("metadata") or {}).get("uid")

    def look(waited: float) -> Verdict:  # noqa: ARG001 - a look is told the time, which does not matter here
        try:
            now = cluster.get(resource, namespace_of(obj), name_of(obj))
        except ApiError as error:
            return Verdict(status="Waiting for the API server", reasons=(explain(error, title(obj)),))
        # Another object may have taken the name already.
        if now is None or (uid and now["metadata"].get("uid") != uid):
            return READY
        return Verdict(status=f"Waiting for {title(obj)} to be gone", reasons=held(now))

    until(ctx, look, timeout, title(obj), state="gone", closely=lambda: look(0))


def held(obj: Object) -> list[str]:
    """What keeps an object that is being deleted."""
    metadata = obj.get("metadata") or {}
    spec = obj.get("spec") or {}
    finalizers = [*(metadata.get("finalizers") or []), *(spec.get("finalizers") or [])]
    found = [f"its finalizer {name} has not been removed by its controller" for name in finalizers]
    for condition in (obj.get("status") or {}).get("conditions") or []:
        if str(condition.get("type", "")).startswith("Namespace") and condition.get("status") == "True":
            found.append(f"{condition.get('reason')}: {condition.get('message')}")
    return found
