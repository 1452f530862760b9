"""The stand-in Kubernetes provider's calls, against a small API server in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from local.plugins.base import (
    UNKNOWN,
    Context,
    PartialFailure,
    PluginError,
    Secret,
    Values,
    is_secret,
    unwrap,
)
from local.plugins.kubernetes import creating, waiting
from local.plugins.kubernetes.errors import Unreachable
from local.plugins.kubernetes.managers import manager_of
from local.plugins.kubernetes.provider import KubernetesProvider

from .kubernetes_api import FakeApi, Refusal

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SECRET = "kubernetes:core/v1:Secret"
CM_PATH = "/api/v1/namespaces/shop/configmaps/web"
DEPLOYMENT_PATH = "/apis/apps/v1/namespaces/shop/deployments/web"


@dataclass
class Lines:
    """What was said to the user."""

    log: list[tuple[str, str]] = field(default_factory=list)
    status: list[str] = field(default_factory=list)


@dataclass
class Rig:
    """A provider on a fake cluster, called as the engine would."""

    api: FakeApi
    provider: KubernetesProvider
    lines: Lines = field(default_factory=Lines)
    cancelled: threading.Event = field(default_factory=threading.Event)

    def ctx(self, type_: str = CONFIG_MAP, *, preview: bool = False, timeout: float | None = 0.3) -> Context:
        return Context(
            urn=f"urn:pulumi:dev::p::{type_}::web",
            type=type_,
            name="web",
            preview=preview,
            timeout=timeout,
            cancelled=self.cancelled,
            log=lambda severity, message: self.lines.log.append((severity, message)),
            status=self.lines.status.append,
        )

    def checked(self, news: Values, type_: str = CONFIG_MAP, olds: Values | None = None) -> Values:
        inputs, failures = self.provider.check(self.ctx(type_), olds or {}, news, b"seed", None)
        assert not failures
        return inputs

    def created(self, news: Values, type_: str = CONFIG_MAP) -> tuple[str, Values, Values]:
        inputs = self.checked(news, type_)
        id_, outputs = self.provider.create(self.ctx(type_), inputs)
        return id_, inputs, outputs


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr(waiting, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(waiting, "_QUIET", 0.0)
    monkeypatch.setattr(creating, "_LATE", (0.01, 0.01))
    api = FakeApi()
    api.objects["/api/v1/namespaces/shop"] = {"kind": "Namespace", "metadata": {"name": "shop"}}
    provider = KubernetesProvider()
    provider.configure({"kubeconfig": Secret(api.kubeconfig)})
    yield Rig(api=api, provider=provider)
    api.close()


def config_map(value: Any = "1", **metadata: Any) -> Values:
    return {"metadata": {"name": "web", **metadata}, "data": {"a": value}}


def deployment(**spec: Any) -> Values:
    return {
        "metadata": {"name": "web"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, **spec},
    }


def test_check_fills_in_what_is_missing(rig: Rig) -> None:
    inputs = rig.checked({"data": {"a": Secret("x")}})
    assert inputs["apiVersion"] == "v1"
    assert inputs["kind"] == "ConfigMap"
    assert inputs["data"] == {"a": Secret("x")}
    metadata: Any = inputs["metadata"]
    assert metadata["namespace"] == "shop"
    assert metadata["name"].startswith("web-")
    # The same name the next time, whatever the seed.
    again, _ = rig.provider.check(rig.ctx(), inputs, {"data": {"a": "y"}}, b"other", None)
    assert again["metadata"] == metadata


def test_check_leaves_objects_of_the_cluster_without_a_namespace(rig: Rig) -> None:
    inputs = rig.checked({"metadata": {"name": "a", "namespace": "b"}}, "kubernetes:core/v1:Namespace")
    assert inputs["metadata"] == {"name": "a"}


def test_check_names_annotations_that_cannot_be_read(rig: Rig) -> None:
    annotations: Values = {"pulumi.com/waitFor": "Ready", "pulumi.com/timeoutSeconds": "5m"}
    ctx = rig.ctx(timeout=None)
    _, failures = rig.provider.check(ctx, {}, config_map(annotations=annotations), b"", None)
    assert [failure.property for failure in failures] == [
        'metadata.annotations["pulumi.com/waitFor"]',
        'metadata.annotations["pulumi.com/timeoutSeconds"]',
    ]
    assert failures[1].reason == (
        "pulumi.com/timeoutSeconds: '5m' is no number of seconds; write a whole number above 0"
    )


def test_check_takes_unknown_metadata(rig: Rig) -> None:
    assert rig.checked({"metadata": UNKNOWN})["metadata"] is UNKNOWN


def test_create_read_update_delete(rig: Rig) -> None:
    id_, inputs, outputs = rig.created(config_map())
    assert id_ == "shop/web"
    assert rig.api.objects[CM_PATH]["data"] == {"a": "1"}
    assert str(outputs["__fieldManager"]).startswith("pulumi-kubernetes-")
    assert outputs["__inputs"] == inputs
    metadata: Any = outputs["metadata"]
    assert "uid" in metadata
    assert "managedFields" not in metadata

    assert not rig.provider.diff(rig.ctx(), id_, inputs, outputs, inputs, []).changes
    news = rig.checked(config_map("2"), olds=inputs)
    assert set(rig.provider.diff(rig.ctx(), id_, inputs, outputs, news, []).changes) == {"data.a"}
    changed = rig.provider.update(rig.ctx(), id_, inputs, outputs, news)
    assert rig.api.objects[CM_PATH]["data"] == {"a": "2"}
    assert changed["__fieldManager"] == outputs["__fieldManager"]

    assert rig.provider.read(rig.ctx(), id_, news, changed) == (id_, news, changed)
    rig.provider.delete(rig.ctx(), id_, news, changed)
    assert CM_PATH not in rig.api.objects
    assert rig.provider.read(rig.ctx(), id_, news, changed) is None
    rig.provider.delete(rig.ctx(), id_, news, changed)  # gone already


def test_an_unchanged_resource_costs_one_request_for_its_group(rig: Rig) -> None:
    id_, inputs, outputs = rig.created(config_map())
    rig.api.requests.clear()
    provider = KubernetesProvider()
    provider.configure({"kubeconfig": rig.api.kubeconfig})
    for _ in range(3):
        news, _failures = provider.check(rig.ctx(), inputs, config_map(), b"", None)
        assert not provider.diff(rig.ctx(), id_, inputs, outputs, news, []).changes
    assert rig.api.requests == [("GET", "/api/v1")]


def test_a_preview_changes_nothing_and_asks_the_api_server(rig: Rig) -> None:
    inputs = rig.checked(config_map())
    id_, outputs = rig.provider.create(rig.ctx(preview=True), inputs)
    metadata: Any = outputs["metadata"]
    assert id_ == ""
    assert (metadata["name"], metadata["uid"], metadata["resourceVersion"]) == ("web", UNKNOWN, UNKNOWN)
    assert outputs["status"] is UNKNOWN
    assert rig.api.writes() == [("DRY", CM_PATH)]
    assert CM_PATH not in rig.api.objects

    id_, inputs, outputs = rig.created(config_map())
    seen = rig.provider.update(rig.ctx(preview=True), id_, inputs, outputs, rig.checked(config_map("2")))
    assert seen["data"] == {"a": "2"}
    assert rig.api.objects[CM_PATH]["data"] == {"a": "1"}


def test_previews_that_cannot_be_asked_for_return_the_inputs(rig: Rig) -> None:
    unknown = rig.checked(config_map(UNKNOWN))
    assert rig.provider.create(rig.ctx(preview=True), unknown) == ("", unknown)
    elsewhere = rig.checked(config_map(namespace="not-yet"))
    assert rig.provider.create(rig.ctx(preview=True), elsewhere) == ("", elsewhere)
    rollout = "kubernetes:argoproj.io/v1alpha1:Rollout"
    custom = rig.checked({"metadata": {"name": "a"}}, rollout)
    assert rig.provider.create(rig.ctx(rollout, preview=True), custom) == ("", custom)
    id_, inputs, outputs = rig.created(config_map())
    rig.checked(config_map(), olds=inputs)  # it is about to be replaced under the same name
    assert rig.provider.create(rig.ctx(preview=True), inputs) == ("", inputs)
    assert rig.provider.update(rig.ctx(preview=True), id_, inputs, outputs, unknown) == unknown
    forbidden = 'User "u" cannot patch resource "configmaps" in API group "" in the namespace "shop"'
    rig.api.refusals["PATCH"] = Refusal(403, f'configmaps "web" is forbidden: {forbidden}')
    assert rig.provider.update(rig.ctx(preview=True), id_, inputs, outputs, inputs) == inputs
    assert rig.lines.log == [
        (
            "warning",
            "previewed without the API server's checks and defaults: ConfigMap shop/web: user 'u' may not "
            "patch "
            "configmaps in namespace 'shop'; grant it with a RoleBinding, or use another context",
        )
    ]


def test_a_refusal_shows_no_secret(rig: Rig) -> None:
    inputs = rig.checked(config_map(Secret("hunter2!")))
    rig.api.refusals["PATCH"] = Refusal(400, "bad value hunter2!")
    for preview in (True, False):
        with pytest.raises(PluginError) as error:
            rig.provider.create(rig.ctx(preview=preview), inputs)
        assert str(error.value) == "ConfigMap shop/web: bad value [secret]"


def test_what_an_interrupted_run_has_left_is_taken_on(rig: Rig) -> None:
    rig.created(config_map())
    id_, _, outputs = rig.created(config_map("2"))
    assert rig.lines.log == [
        ("warning", "ConfigMap shop/web was made by this resource before, and is changed in place")
    ]
    assert rig.api.objects[CM_PATH]["data"] == {"a": "2"}
    assert id_ == "shop/web"
    assert outputs["__fieldManager"] == manager_of(rig.ctx().urn)
    # Asked to replace it, the engine deletes what it takes for the old one.
    rig.provider.delete(rig.ctx(), id_, {}, outputs)
    assert CM_PATH in rig.api.objects


def test_an_object_does_not_take_its_own_place(rig: Rig) -> None:
    _, inputs, _ = rig.created(config_map())
    rig.checked(config_map("2"), olds=inputs)
    with pytest.raises(PluginError, match="cannot take its own place while it is there"):
        rig.created(config_map("2"))


def test_an_object_that_is_there_is_not_taken_over(rig: Rig) -> None:
    rig.created(config_map())
    rig.api.objects[CM_PATH]["metadata"]["managedFields"] = [{"manager": "other", "operation": "Apply"}]
    with pytest.raises(PluginError, match="already exists"):
        rig.provider.create(rig.ctx(preview=True), rig.checked(config_map("2")))
    with pytest.raises(PluginError) as error:
        rig.created(config_map("2"))
    assert str(error.value).startswith(
        "ConfigMap shop/web already exists in the cluster, and not in this stack."
    )
    assert "pulumi import --generate-code=false kubernetes:core/v1:ConfigMap web shop/web" in str(error.value)
    assert rig.api.objects[CM_PATH]["data"] == {"a": "1"}
    rig.provider.configure(
        {"kubeconfig": rig.api.kubeconfig, "upsertExistingObjects": "true", "enablePatchForce": "true"}
    )
    rig.provider._connected = None
    rig.created(config_map("2"))
    assert rig.api.objects[CM_PATH]["data"] == {"a": "2"}


def test_a_namespace_that_comes_late_is_waited_for(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(creating, "_LATE", (0.01,) * 50)
    inputs = rig.checked(config_map(namespace="late"))

    def make() -> None:
        rig.api.objects["/api/v1/namespaces/late"] = {"metadata": {"name": "late"}}

    threading.Timer(0.1, make).start()
    assert rig.provider.create(rig.ctx(), inputs)[0] == "late/web"
    assert 'Trying again: ConfigMap late/web: namespaces "late" not found' in rig.lines.status


def test_a_kind_that_never_comes_is_named(rig: Rig) -> None:
    rollout = "kubernetes:argoproj.io/v1alpha1:Rollout"
    with pytest.raises(PluginError) as error:
        rig.created({"metadata": {"name": "web"}}, rollout)
    assert str(error.value) == (
        "Rollout shop/web: the API server has no kind Rollout in argoproj.io/v1alpha1; install what "
        "defines it (its "
        "CustomResourceDefinition) first, or correct the API version"
    )


def test_fields_of_other_programs_are_left_to_them(rig: Rig) -> None:
    id_, inputs, outputs = rig.created(config_map())
    rig.api.owners[CM_PATH, ".data.a"] = "other-program"
    rig.api.objects[CM_PATH]["data"]["a"] = "theirs"
    news = rig.checked(config_map("2"), olds=inputs)
    for preview in (True, False):
        with pytest.raises(PluginError, match=r"data\.a is owned by other-program"):
            rig.provider.update(rig.ctx(preview=preview), id_, inputs, outputs, news)
    assert rig.api.objects[CM_PATH]["data"]["a"] == "theirs"

    forced = rig.checked(config_map("2", annotations={"pulumi.com/patchForce": "true"}), olds=inputs)
    rig.provider.update(rig.ctx(), id_, inputs, outputs, forced)
    assert rig.api.objects[CM_PATH]["data"]["a"] == "2"


def test_ignored_fields_are_left_to_their_owner(rig: Rig) -> None:
    id_, inputs, outputs = rig.created(config_map())
    rig.api.owners[CM_PATH, ".data.a"] = "other-program"
    rig.api.objects[CM_PATH]["data"]["a"] = "theirs"
    news = rig.checked({**config_map("1"), "data": {"a": "1", "b": "2"}}, olds=inputs)
    rig.provider.diff(rig.ctx(), id_, inputs, outputs, news, ["data.a"])
    rig.provider.update(rig.ctx(), id_, inputs, outputs, news)
    assert rig.api.objects[CM_PATH]["data"] == {"a": "theirs", "b": "2"}


def test_hand_made_changes_are_found_and_taken_back(rig: Rig) -> None:
    id_, inputs, outputs = rig.created(config_map())
    rig.api.owners[CM_PATH, ".data.a"] = "kubectl-edit"
    rig.api.objects[CM_PATH]["data"] = {"a": "by hand", "more": "x"}
    found = rig.provider.read(rig.ctx(), id_, inputs, outputs)
    assert found is not None
    _, live_inputs, live_outputs = found
    assert live_inputs["data"] == {"a": "by hand"}
    diff = rig.provider.diff(rig.ctx(), id_, live_inputs, live_outputs, inputs, [])
    assert set(diff.changes) == {"data.a"}
    rig.provider.update(rig.ctx(), id_, live_inputs, live_outputs, inputs)
    assert rig.api.objects[CM_PATH]["data"] == {"a": "1", "more": "x"}


def test_secrets_are_kept_secret(rig: Rig) -> None:
    id_, inputs, outputs = rig.created(
        {"metadata": {"name": "web"}, "stringData": {"a": "topsecret"}}, SECRET
    )
    recorded: Any = outputs["__inputs"]
    for values in (inputs, outputs, recorded):
        for key in ("data", "stringData"):
            assert key not in values or isinstance(values[key], Secret)
    found = rig.provider.read(rig.ctx(SECRET), id_, inputs, outputs)
    assert found == (id_, inputs, outputs)
    imported = rig.provider.read(rig.ctx(SECRET), id_, {}, {})
    assert imported is not None
    assert is_secret(imported[1])
    assert "topsecret" not in repr(imported)


def test_an_object_can_be_imported(rig: Rig) -> None:
    rig.created(config_map())
    found = rig.provider.read(rig.ctx(), "shop/web", {}, {})
    assert found is not None
    id_, inputs, outputs = found
    assert id_ == "shop/web"
    assert unwrap(inputs) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "web", "namespace": "shop"},
        "data": {"a": "1"},
    }
    assert not rig.provider.diff(
        rig.ctx(), id_, inputs, outputs, rig.checked(config_map(), olds=inputs), []
    ).changes
    assert rig.provider.read(rig.ctx(), "web", {}, {}) is not None
    with pytest.raises(PluginError, match="names no Kubernetes object"):
        rig.provider.read(rig.ctx(), "a/b/c", {}, {})


def test_a_workload_that_is_not_ready_is_kept_and_tried_again(rig: Rig) -> None:
    inputs = rig.checked(deployment(), DEPLOYMENT)
    with pytest.raises(PartialFailure) as error:
        rig.provider.create(rig.ctx(DEPLOYMENT), inputs)
    failure = error.value
    assert failure.id == "shop/web"
    assert failure.outputs["__inputs"] == inputs
    assert failure.reasons == [
        "Deployment shop/web is not ready after 0.3 s:\n  - the Deployment controller has not seen the "
        "change\n"
        "It stays in the state as it is; the next `pulumi up` tries again"
    ]
    assert "[1/2] Waiting for the Deployment controller to see the change" in rig.lines.status

    # The engine keeps the inputs of the last success; the change back must not go unseen.
    worse = rig.checked(deployment(paused=False), DEPLOYMENT, olds=inputs)
    with pytest.raises(PartialFailure) as error:
        rig.provider.update(rig.ctx(DEPLOYMENT), "shop/web", inputs, failure.outputs, worse)
    diff = rig.provider.diff(rig.ctx(DEPLOYMENT), "shop/web", inputs, error.value.outputs, inputs, [])
    assert set(diff.changes) == {"spec.paused"}

    status = {"observedGeneration": 99, "updatedReplicas": 1, "replicas": 1, "availableReplicas": 1}
    rig.api.objects[DEPLOYMENT_PATH]["status"] = status
    outputs = rig.provider.update(rig.ctx(DEPLOYMENT), "shop/web", inputs, error.value.outputs, inputs)
    assert unwrap(outputs["status"]) == status


def test_a_refresh_tells_what_is_not_ready(rig: Rig) -> None:
    inputs = rig.checked(deployment(), DEPLOYMENT)
    with pytest.raises(PartialFailure) as created:
        rig.provider.create(rig.ctx(DEPLOYMENT), inputs)
    with pytest.raises(PartialFailure) as read:
        rig.provider.read(rig.ctx(DEPLOYMENT), "shop/web", inputs, created.value.outputs)
    assert read.value.inputs == inputs
    assert read.value.reasons == [
        "Deployment shop/web is not ready: the Deployment controller has not seen the change"
    ]


def test_the_user_stops_a_wait(rig: Rig) -> None:
    inputs = rig.checked(deployment(), DEPLOYMENT)
    threading.Timer(0.1, rig.cancelled.set).start()
    with pytest.raises(
        PartialFailure, match="cancelled while waiting for Deployment shop/web to be ready"
    ) as error:
        rig.provider.create(rig.ctx(DEPLOYMENT, timeout=60), inputs)
    assert error.value.outputs["__inputs"] == inputs


@pytest.mark.parametrize(
    ("annotations", "ready"),
    [
        ({"pulumi.com/skipAwait": "true"}, True),
        ({"pulumi.com/waitFor": "jsonpath={.spec.replicas}=1"}, True),
        ({"pulumi.com/waitFor": "condition=Available"}, False),
    ],
)
def test_annotations_say_what_to_wait_for(rig: Rig, annotations: Values, ready: bool) -> None:
    news = {**deployment(), "metadata": {"name": "web", "annotations": annotations}}
    inputs = rig.checked(news, DEPLOYMENT)
    if ready:
        assert rig.provider.create(rig.ctx(DEPLOYMENT), inputs)[0] == "shop/web"
    else:
        with pytest.raises(PartialFailure, match="there is no condition Available yet"):
            rig.provider.create(rig.ctx(DEPLOYMENT), inputs)


def test_a_job_may_ask_to_be_made_anew_until_it_completes(rig: Rig) -> None:
    job = "kubernetes:batch/v1:Job"
    annotations: Values = {"pulumi.com/replaceUnready": "true", "pulumi.com/skipAwait": "true"}
    id_, inputs, outputs = rig.created(
        {"metadata": {"name": "web", "annotations": annotations}, "spec": {}}, job
    )
    diff = rig.provider.diff(rig.ctx(job), id_, inputs, outputs, inputs, [])
    assert diff.replaces
    assert diff.delete_before_replace
    path = "/apis/batch/v1/namespaces/shop/jobs/web"
    rig.api.objects[path]["status"] = {"conditions": [{"type": "Complete", "status": "True"}]}
    assert not rig.provider.diff(rig.ctx(job), id_, inputs, outputs, inputs, []).replaces


def test_an_object_that_does_not_go_is_kept_with_the_reason(rig: Rig) -> None:
    id_, inputs, outputs = rig.created(config_map(finalizers=["example.com/guard"]))
    rig.api.keep = True
    with pytest.raises(PluginError) as error:
        rig.provider.delete(rig.ctx(), id_, inputs, outputs)
    assert str(error.value) == (
        "ConfigMap shop/web is not gone after 0.3 s:\n"
        "  - its finalizer example.com/guard has not been removed by its controller"
    )


def test_a_name_that_is_being_freed_is_waited_for(rig: Rig) -> None:
    rig.created(config_map())
    rig.api.objects[CM_PATH]["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    threading.Timer(0.1, lambda: rig.api.objects.pop(CM_PATH)).start()
    rig.created(config_map("2"))
    assert rig.api.objects[CM_PATH]["data"] == {"a": "2"}
    assert "Waiting for ConfigMap shop/web to be gone" in rig.lines.status


def test_without_server_side_apply_objects_are_posted_and_patched(rig: Rig) -> None:
    rig.provider.configure({"kubeconfig": rig.api.kubeconfig, "enableServerSideApply": "false"})
    id_, inputs, outputs = rig.created(config_map())
    assert outputs["__fieldManager"] == "pulumi-kubernetes"
    news = rig.checked({**config_map("2"), "data": {"b": "2"}}, olds=inputs)
    rig.provider.update(rig.ctx(), id_, inputs, outputs, news)
    assert rig.api.writes() == [("POST", "/api/v1/namespaces/shop/configmaps"), ("PATCH", CM_PATH)]
    assert rig.api.objects[CM_PATH]["data"] == {"b": "2"}


@pytest.fixture
def unreachable(rig: Rig) -> Callable[..., KubernetesProvider]:
    kubeconfig = rig.api.kubeconfig
    rig.api.close()

    def provider(**settings: str) -> KubernetesProvider:
        made = KubernetesProvider()
        made.configure({"kubeconfig": kubeconfig, **settings})
        return made

    return provider


def test_an_unreachable_cluster_is_an_error_everywhere(
    rig: Rig, unreachable: Callable[..., KubernetesProvider]
) -> None:
    provider = unreachable()
    rig.cancelled.set()  # not to be tried again
    inputs = config_map(namespace="shop")
    with pytest.raises(PluginError):
        provider.check(rig.ctx(), {}, inputs, b"", None)
    with pytest.raises(PluginError):
        provider.delete(rig.ctx(), "shop/web", inputs, {})


def test_an_unreachable_cluster_may_be_given_up_or_left_alone(
    rig: Rig, unreachable: Callable[..., KubernetesProvider], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.plugins.kubernetes.client._FIRST_DELAYS", ())
    inputs = config_map(namespace="shop")
    plain = unreachable()
    with pytest.raises(Unreachable, match="cannot be reached: connection refused"):
        plain.check(rig.ctx(), inputs, inputs, b"", None)
    with pytest.raises(Unreachable, match="PULUMI_K8S_DELETE_UNREACHABLE=true"):
        plain.read(rig.ctx(), "shop/web", inputs, inputs)
    with pytest.raises(Unreachable, match="PULUMI_K8S_DELETE_UNREACHABLE=true"):
        plain.delete(rig.ctx(), "shop/web", inputs, inputs)
    dropping = unreachable(deleteUnreachable="true")
    assert dropping.read(rig.ctx(), "shop/web", inputs, inputs) is None
    dropping.delete(rig.ctx(), "shop/web", inputs, inputs)
    leaving = unreachable(skipUpdateUnreachable="true")
    assert leaving.check(rig.ctx(), inputs, config_map("2"), b"", None) == (inputs, [])
    assert leaving.read(rig.ctx(), "shop/web", inputs, inputs) == ("shop/web", inputs, inputs)
    assert {severity for severity, _ in rig.lines.log} == {"warning"}


def test_another_cluster_replaces_everything(rig: Rig) -> None:
    other = rig.api.kubeconfig.replace("127.0.0.1", "127.0.0.2")
    same = rig.api.kubeconfig.replace("shop", "office")
    olds: Values = {"kubeconfig": rig.api.kubeconfig}
    assert rig.provider.diff_config(olds, {"kubeconfig": other}).replaces == ["kubeconfig"]
    moved = rig.provider.diff_config(olds, {"kubeconfig": same})
    assert moved.changes
    assert not moved.replaces


def test_settings_that_are_not_there_are_refused(rig: Rig) -> None:
    _, failures = rig.provider.check_config({}, {"contxt": "a"})
    assert [failure.property for failure in failures] == ["contxt"]
