"""The plugin: Pulumi's calls on the objects of one cluster."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version

from local.plugins.base import (
    Autonaming,
    Context,
    Diff,
    Failure,
    PartialFailure,
    PluginError,
    Provider,
    Unknown,
    Values,
)
from local.plugins.kubernetes import changes, checkpoint, creating, naming, reading, settings, writing
from local.plugins.kubernetes.await_expressions import ANNOTATION, parse
from local.plugins.kubernetes.cluster import Cluster, connect
from local.plugins.kubernetes.deleting import delete
from local.plugins.kubernetes.errors import ApiError, Unreachable, explain
from local.plugins.kubernetes.objects import (
    Object,
    annotation,
    get,
    gvk_of_token,
    title,
    to_object,
    to_values,
)
from local.plugins.kubernetes.secret import protect, redact
from local.plugins.kubernetes.waiting import TIMEOUT, timeout_of

_DROP = (
    "If the cluster is gone for good, set PULUMI_K8S_DELETE_UNREACHABLE=true and run this again to drop its "
    "objects from the state"
)


class KubernetesProvider(Provider):
    """Any kind of object of one cluster."""

    name = "kubernetes"
    supports_autonaming = True

    def __init__(self) -> None:
        self.version = version("pulumi-kubernetes")
        self._settings = settings.Settings()
        self._lock = threading.Lock()
        self._connected: Cluster | None = None
        # The protocol tells `diff` what a program ignores, and leaves `update` to remember it.
        self._ignored: dict[str, Sequence[str]] = {}
        self._in_state: set[str] = set()

    def check_config(self, olds: Values, news: Values) -> tuple[Values, list[Failure]]:  # noqa: ARG002
        return news, settings.failures(news)

    def diff_config(self, old_inputs: Values, news: Values) -> Diff:
        found = super().diff_config(old_inputs, news)
        # Another cluster, as far as can be told: what is in the one is not in the other.
        place = [key for key in ("kubeconfig", "context", "cluster") if key in found.changes]
        elsewhere = bool(place) and reading.server_of(old_inputs) != reading.server_of(news)
        return Diff(changes=found.changes, replaces=place if elsewhere else ())

    def configure(self, args: Values) -> None:
        self._settings = settings.read(args, os.environ)

    def _cluster(self, ctx: Context) -> Cluster:
        with self._lock:
            if self._connected is None:
                agent = f"pulumi-kubernetes/{self.version}"
                self._connected = connect(
                    self._settings, os.environ, user_agent=agent, cancelled=ctx.cancelled
                )
            return self._connected

    def check(
        self, ctx: Context, olds: Values, news: Values, random_seed: bytes, autonaming: Autonaming | None
    ) -> tuple[Values, list[Failure]]:
        if olds:  # none the second time, when it is to be replaced
            self._in_state.add(ctx.urn)
        gvk = gvk_of_token(ctx.type)
        obj: Object = {**to_object(news), "apiVersion": gvk.api_version, "kind": gvk.kind}
        try:
            cluster = self._cluster(ctx)
            with _in_words(obj, news):
                resource = cluster.discovery.find(gvk)
        except Unreachable as error:
            if olds and self._settings.skip_update_unreachable:
                ctx.log("warning", f"{error}. The resource is left as it is (skipUpdateUnreachable)")
                return olds, []
            raise
        failures = _annotation_failures(ctx, obj)
        if not isinstance(obj.get("metadata"), Unknown):
            obj, unnamed = naming.assign(
                obj, to_object(olds), ctx.name, seed=random_seed, autonaming=autonaming
            )
            failures += unnamed
            obj = _placed(obj, cluster.namespace, namespaced=resource is None or resource.namespaced)
        return protect(to_values(obj), news), failures

    def diff(  # noqa: PLR0917 - as the interface has them
        self,
        ctx: Context,
        id: str,  # noqa: ARG002
        old_inputs: Values,
        old_outputs: Values,
        news: Values,
        ignore_changes: Sequence[str],
    ) -> Diff:
        self._ignored[ctx.urn] = ignore_changes
        old, new = to_object(checkpoint.sent(old_inputs, old_outputs)), to_object(news)
        found = changes.compare(
            old,
            new,
            shown=to_object(old_inputs),
            mutable_configmaps=self._settings.enable_configmap_mutable,
            mutable_secrets=self._settings.enable_secret_mutable,
            ignored=ignore_changes,
        )
        if not reading.wants_replacing(lambda: self._cluster(ctx), new):
            return found
        return replace(found, replaces=("metadata",))

    def create(self, ctx: Context, inputs: Values) -> tuple[str, Values]:
        with _in_words(to_object(inputs), inputs):
            return creating.create(ctx, self._cluster(ctx), inputs, replacing=ctx.urn in self._in_state)

    def read(
        self,
        ctx: Context,
        id: str,
        inputs: Values,
        state: Values,
    ) -> tuple[str, Values, Values] | None:
        try:
            with _in_words({"kind": gvk_of_token(ctx.type).kind, "metadata": {"name": id}}, inputs):
                return reading.read(ctx, self._cluster(ctx), id, inputs, state)
        except Unreachable as error:
            if self._settings.delete_unreachable:
                ctx.log("warning", f"{error}. The resource is dropped from the state (deleteUnreachable)")
                return None
            if self._settings.skip_update_unreachable and state:
                ctx.log("warning", f"{error}. The resource is left as it is (skipUpdateUnreachable)")
                return id, inputs, state
            raise Unreachable(f"{error}. {_DROP}") from error

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: ARG002
        old_inputs: Values,
        old_outputs: Values,
        news: Values,
    ) -> Values:
        obj = to_object(news)
        old_inputs = checkpoint.sent(old_inputs, old_outputs)
        with _in_words(obj, news, checkpoint.manager_of(old_outputs), urn=ctx.urn):
            ignored = self._ignored.get(ctx.urn, ())
            cluster = self._cluster(ctx)
            return writing.update(
                ctx, cluster, news, old_inputs=old_inputs, old_outputs=old_outputs, ignored=ignored
            )

    def delete(self, ctx: Context, id: str, old_inputs: Values, old_outputs: Values) -> None:
        try:
            with _in_words(to_object(old_inputs), old_inputs):
                old_inputs = checkpoint.sent(old_inputs, old_outputs)
                delete(ctx, self._cluster(ctx), id, old_inputs, old_outputs)
        except Unreachable as error:
            if not self._settings.delete_unreachable:
                raise Unreachable(f"{error}. {_DROP}") from error
            ctx.log("warning", f"{error}. The resource is dropped from the state (deleteUnreachable)")


@contextmanager
def _in_words(obj: Object, inputs: Values, manager: str = "", *, urn: str = "") -> Iterator[None]:
    """Turns refusals into messages, none of which shows a secret."""
    try:
        yield
    except ApiError as error:
        text = explain(error, title(obj), manager=manager)
        if error.immutable and urn:
            text += f"\nTo make it anew, run `pulumi up --replace '{urn}'`"
        raise PluginError(redact(text, inputs)) from None
    except (PartialFailure, Unreachable):
        raise
    except PluginError as error:
        raise PluginError(redact(str(error), inputs)) from None


def _annotation_failures(ctx: Context, obj: Object) -> list[Failure]:
    found: list[Failure] = []
    for key, check in (
        (ANNOTATION, lambda: parse(annotation(obj, ANNOTATION))),
        (TIMEOUT, lambda: timeout_of(ctx, obj, 1)),
    ):
        if annotation(obj, key):
            try:
                check()
            except PluginError as error:
                found.append(Failure(f'metadata.annotations["{key}"]', str(error)))
    return found


def _placed(obj: Object, namespace: str, *, namespaced: bool) -> Object:
    """Puts an object into the default namespace, unless it names one or belongs to the whole cluster."""
    metadata = dict(obj.get("metadata") or {})
    if not namespaced:
        metadata.pop("namespace", None)
    elif not get(obj, "metadata", "namespace"):
        metadata["namespace"] = namespace
    return {**obj, "metadata": metadata}
