"""What the stand-in Kubernetes provider says when the API server refuses, and what it never shows."""

from __future__ import annotations

from typing import Any

import pytest

from local.plugins.base import Secret, Values
from local.plugins.kubernetes import settings
from local.plugins.kubernetes.connection import Connection
from local.plugins.kubernetes.errors import ApiError, explain, refused, unreachable, untrusted
from local.plugins.kubernetes.secret import LAST_APPLIED, protect, redact

WHAT = "Deployment shop/web"
CLUSTER = Connection(server="https://10.0.0.1:6443", source="/home/a/config", context="dev", user="alice")


def api_error(status: int, message: str, **body: Any) -> ApiError:
    return ApiError(status, {"message": message, **body}, method="PATCH", path="/x")


def causes(*found: tuple[str, str, str]) -> dict[str, Any]:
    return {"causes": [{"reason": r, "field": f, "message": m} for r, f, m in found]}


def test_invalid_objects_are_shown_field_by_field() -> None:
    details = causes(
        ("FieldValueInvalid", "spec.replicas", "Invalid value: -1: must be greater than or equal to 0"),
        ("FieldValueRequired", "spec.template.spec.containers[0].image", "Required value"),
        ("FieldValueForbidden", "<nil>", "Forbidden: not here"),
    )
    assert explain(api_error(422, "long", reason="Invalid", details=details), WHAT) == (
        "Deployment shop/web is invalid:\n"
        "  - spec.replicas: Invalid value: -1: must be greater than or equal to 0\n"
        "  - spec.template.spec.containers[0].image: Required value\n"
        "  - Forbidden: not here"
    )


SCHEMA = "failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): "


@pytest.mark.parametrize(
    ("status", "message", "text"),
    [
        (
            500,
            f"{SCHEMA}errors:\n  .spec.replicaz: field not declared in schema\n  .spec.x: field not "
            f"declared in schema",
            "Deployment shop/web is invalid:\n"
            "  - spec.replicaz is not a field of this kind; check its spelling and place\n"
            "  - spec.x is not a field of this kind; check its spelling and place",
        ),
        (
            500,
            f"{SCHEMA}.data.y: expected string, got &value.valueUnstructured{{Value:5}}",
            "Deployment shop/web is invalid: data.y: expected string, got 5",
        ),
        (
            500,
            "failed to convert new object (shop/s; /v1, Kind=Secret) to proper version: unable to convert "
            "unstructured "
            "object to /v1, Kind=Secret: error decoding from json: illegal base64 data at input byte 7",
            "Deployment shop/web is invalid: illegal base64 data at input byte 7; values of data are "
            "base64, plain text "
            "goes into stringData",
        ),
        (
            403,
            'deployments.apps "web" is forbidden: User "bob" cannot patch resource "deployments" in API '
            'group "apps" in '
            'the namespace "shop"',
            "Deployment shop/web: user 'bob' may not patch deployments.apps in namespace 'shop'; grant it "
            "with a "
            "RoleBinding, or use another context",
        ),
        (
            403,
            'namespaces "shop" is forbidden: User "bob" cannot create resource "namespaces" in API group '
            '"" at the '
            "cluster scope",
            "Deployment shop/web: user 'bob' may not create namespaces in the whole cluster; grant it with a "
            "ClusterRoleBinding, or use another context",
        ),
        (
            403,
            'pods "web" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: '
            "pods=2",
            "Deployment shop/web does not fit the namespace's quota small, requested: pods=1, used: "
            "pods=2, limited: "
            "pods=2; lower the requests or raise the quota",
        ),
        (
            403,
            'configmaps "a" is forbidden: unable to create new content in namespace shop because it is '
            "being terminated",
            "Deployment shop/web: its namespace is being deleted; wait until it is gone and try again",
        ),
        (
            403,
            'pods "web" is forbidden: violates PodSecurity "restricted:latest": privileged',
            'Deployment shop/web: pods "web" is forbidden: violates PodSecurity "restricted:latest": '
            "privileged",
        ),
        (404, 'namespaces "shop" not found', 'Deployment shop/web: namespaces "shop" not found'),
    ],
)
def test_refusals_are_put_plainly(status: int, message: str, text: str) -> None:
    assert explain(api_error(status, message), WHAT) == text


def conflict(*owners: tuple[str, str]) -> ApiError:
    found = [
        ("FieldManagerConflict", field, f'conflict with "{owner}" using apps/v1') for owner, field in owners
    ]
    return api_error(409, "Apply failed", reason="Conflict", details=causes(*found))


def test_conflicts_name_the_owners_and_the_remedy() -> None:
    error = conflict(("helm", ".spec.paused"), ("kubectl-edit", ".spec.template"))
    assert error.conflicts() == {"helm": [".spec.paused"], "kubectl-edit": [".spec.template"]}
    assert explain(error, WHAT, manager="pulumi-kubernetes-12345678") == (
        "Deployment shop/web has fields that another field manager than ours (pulumi-kubernetes-12345678) "
        "owns:\n"
        "  - spec.paused is owned by helm\n"
        "Leave such fields to their owner (not in the program, or listed under ignore_changes), or take "
        "them over with the "
        'annotation pulumi.com/patchForce: "true"'
    )


def test_a_conflict_with_an_autoscaler_says_so() -> None:
    text = explain(conflict(("kube-controller-manager", ".spec.replicas")), WHAT)
    assert "An autoscaler sets the replicas: leave spec.replicas out of the program" in text


def test_other_conflicts_have_no_owners() -> None:
    assert api_error(409, "the object has been modified", reason="Conflict").conflicts() == {}


def test_a_missing_namespace_is_told_from_a_missing_object() -> None:
    namespace = api_error(404, "x", details={"kind": "namespaces", "name": "shop"})
    assert namespace.missing_namespace("shop")
    assert not namespace.missing_namespace("other")
    assert not api_error(404, "x", details={"kind": "configmaps", "name": "shop"}).missing_namespace("shop")


def test_trouble_with_the_connection_names_server_origin_and_remedy() -> None:
    assert str(unreachable(CLUSTER, "connection refused")) == (
        "the Kubernetes API server https://10.0.0.1:6443 cannot be reached: connection refused. It comes "
        "from context 'dev' of "
        "/home/a/config. Check that the cluster runs and that the address is right, or choose another "
        "context with "
        "kubernetes:context"
    )
    assert str(untrusted(CLUSTER, "self-signed certificate")) == (
        "the certificate of the Kubernetes API server https://10.0.0.1:6443 is not trusted: self-signed "
        "certificate. It comes "
        "from context 'dev' of /home/a/config. If the cluster was made anew, write its kubeconfig anew"
    )
    assert str(refused(CLUSTER)) == (
        "the Kubernetes API server https://10.0.0.1:6443 does not accept the credentials of user 'alice' "
        "(401): they have "
        "expired or are wrong. It comes from context 'dev' of /home/a/config. Sign in again, or choose "
        "another context with "
        "kubernetes:context"
    )


SECRET: Values = {"apiVersion": "v1", "kind": "Secret", "stringData": {"password": "hunter2!"}}


def test_data_of_secrets_is_always_secret() -> None:
    live: Values = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"annotations": {LAST_APPLIED: '{"stringData":"hunter2!"}', "a": "b"}},
        "data": {"password": "aHVudGVyMiE="},
        "stringData": None,
    }
    assert protect(live, SECRET) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"annotations": {LAST_APPLIED: Secret('{"stringData":"hunter2!"}'), "a": "b"}},
        "data": Secret({"password": "aHVudGVyMiE="}),
        "stringData": None,
    }


def test_secret_inputs_stay_secret_at_their_paths() -> None:
    inputs: Values = {
        "spec": {"env": [{"name": "A", "value": Secret("x")}], "whole": Secret({"a": 1}), "b": 1}
    }
    live: Values = {"spec": {"env": [{"name": "A", "value": "x"}], "whole": {"a": 1}, "b": 1, "c": 2}}
    assert protect(live, inputs) == {
        "spec": {"env": [{"name": "A", "value": Secret("x")}], "whole": Secret({"a": 1}), "b": 1, "c": 2}
    }
    longer: Values = {"spec": {"env": [{"name": "S"}, {"name": "A", "value": "x"}]}}
    assert protect(longer, inputs) == {"spec": {"env": Secret([{"name": "S"}, {"name": "A", "value": "x"}])}}


def test_messages_show_no_secret() -> None:
    text = 'Invalid value: "hunter2!" (aHVudGVyMiE=) of sesame-open at port 80'
    inputs: Values = {**SECRET, "spec": Secret({"key": "sesame-open", "port": 80})}
    assert redact(text, inputs) == 'Invalid value: "[secret]" ([secret]) of [secret] at port 80'
    live = {"apiVersion": "v1", "kind": "Secret", "data": {"other": "c2Vzc2lvbg=="}}
    assert redact("session c2Vzc2lvbg==", {}, live) == "[secret] [secret]"
    assert redact("plain", {"spec": {"a": "plain"}}) == "plain"


def test_settings_come_from_arguments_and_environment() -> None:
    environ = {"PULUMI_K8S_ENABLE_PATCH_FORCE": "true", "PULUMI_K8S_ENABLE_SECRET_MUTABLE": "true"}
    given: Values = {
        "namespace": "shop",
        "kubeconfig": Secret("x"),
        "enableSecretMutable": "false",
        "context": None,
    }
    assert settings.read(given, environ) == settings.Settings(
        namespace="shop", kubeconfig="x", enable_patch_force=True, enable_secret_mutable=False
    )
    assert settings.read({"enableServerSideApply": False}, {}).enable_server_side_apply is False
    assert settings.read({}, {}) == settings.Settings()


def test_unknown_settings_are_refused() -> None:
    found = settings.failures(
        {"contxt": "a", "namespace": "b", "renderYamlToDirectory": "c", "kubeClientSettings": "{}"}
    )
    assert [failure.property for failure in found] == ["contxt", "renderYamlToDirectory"]
    assert found[0].reason.startswith(
        "the Kubernetes provider has no setting 'contxt'; known are cluster, context, "
    )
    assert "rendering to files is not supported by this plugin" in found[1].reason
