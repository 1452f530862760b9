"""What the stand-in Kubernetes provider shows as a change, what makes a new object, and what has drifted."""

from __future__ import annotations

from typing import Any

import pytest

from local.plugins.base import UNKNOWN, Diff
from local.plugins.kubernetes import changes

Object = dict[str, Any]


def obj(api_version: str, kind: str, **fields: Any) -> Object:
    metadata = {"name": "web", "namespace": "shop", **fields.pop("metadata", {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def compare(old: Object, new: Object, **options: Any) -> Diff:
    given: dict[str, Any] = {
        "mutable_configmaps": False,
        "mutable_secrets": False,
        "ignored": (),
        "shown": old,
    }
    return changes.compare(old, new, **(given | options))


def kinds(diff: Diff) -> dict[str, str]:
    return {path: change.kind for path, change in diff.changes.items()}


def test_nothing_changed() -> None:
    old = obj("v1", "Service", spec={"ports": [{"port": 80}]}, metadata={"resourceVersion": "1", "uid": "u"})
    diff = compare(old, obj("v1", "Service", spec={"ports": [{"port": 80}]}))
    assert not diff.changes
    assert not diff.replaces
    assert diff.delete_before_replace  # should the user ask for a replacement


def test_changes_are_named_by_their_paths() -> None:
    old = obj(
        "apps/v1",
        "Deployment",
        spec={"replicas": 1, "template": {"spec": {"containers": [{"image": "a:1"}]}}},
    )
    new = obj(
        "apps/v1",
        "Deployment",
        spec={"paused": True, "template": {"spec": {"containers": [{"image": "a:2"}]}}},
    )
    diff = compare(old, new)
    assert kinds(diff) == {
        "spec.replicas": "delete",
        "spec.paused": "add",
        "spec.template.spec.containers[0].image": "update",
    }


def test_unknown_values_are_changes() -> None:
    old = obj("apps/v1", "Deployment", spec={"replicas": 1})
    assert kinds(compare(old, obj("apps/v1", "Deployment", spec={"replicas": UNKNOWN}))) == {
        "spec.replicas": "update"
    }


def test_ignored_paths_do_not_count() -> None:
    old, new = (obj("apps/v1", "Deployment", spec={"replicas": n, "x": {"y": n}}) for n in (1, 2))
    assert kinds(compare(old, new, ignored=["spec.replicas", "spec.x"])) == {}


def test_a_failed_update_is_not_shown_as_a_change_of_inputs() -> None:
    good, bad = (obj("apps/v1", "Deployment", spec={"image": tag}) for tag in ("good", "bad"))
    found = compare(bad, good, shown=good)
    assert [change.input_diff for change in found.changes.values()] == [False]
    assert all(change.input_diff for change in compare(good, bad).changes.values())


def selector(value: str) -> Object:
    return {"spec": {"selector": {"matchLabels": {"a": value}}}}


def storage(size: str) -> Object:
    return {"spec": {"resources": {"requests": {"storage": size}}}}


def command(text: str) -> Object:
    return {"spec": {"containers": [{"name": "a", "command": [text]}]}}


def template(value: int) -> Object:
    return {"spec": {"template": {"spec": {"x": value}}}}


RBAC = "rbac.authorization.k8s.io/v1"
REPLACING = [
    ("apps/v1", "Deployment", selector("1"), selector("2")),
    ("apps/v1", "DaemonSet", selector("1"), {"spec": {"selector": {}}}),
    ("apps/v1", "StatefulSet", {"spec": {"serviceName": "a"}}, {"spec": {"serviceName": "b"}}),
    ("batch/v1", "Job", template(1), template(2)),
    ("v1", "Service", {"spec": {"clusterIP": "10.0.0.1"}}, {"spec": {"clusterIP": "None"}}),
    ("v1", "ConfigMap", {"data": {"a": "1"}}, {"data": {"a": "2"}}),
    ("v1", "ConfigMap", {"data": {"a": "1"}}, {}),
    ("v1", "Secret", {"stringData": {"a": "1"}}, {"stringData": {"a": "1", "b": "2"}}),
    ("v1", "Secret", {"type": "Opaque"}, {"type": "kubernetes.io/tls"}),
    ("v1", "PersistentVolumeClaim", storage("1Gi"), storage("2Gi")),
    ("v1", "Pod", command("x"), command("y")),
    (RBAC, "RoleBinding", {"roleRef": {"name": "a"}}, {"roleRef": {"name": "b"}}),
    (RBAC, "ClusterRoleBinding", {"roleRef": {"name": "a"}}, {"roleRef": {"name": "b"}}),
    ("storage.k8s.io/v1", "StorageClass", {"provisioner": "a"}, {"provisioner": "b"}),
]


@pytest.mark.parametrize(("api_version", "kind", "old", "new"), REPLACING)
def test_what_cannot_change_makes_a_new_object(api_version: str, kind: str, old: Object, new: Object) -> None:
    diff = compare(obj(api_version, kind, **old), obj(api_version, kind, **new))
    assert kinds(diff)
    assert all(found.endswith("-replace") for found in kinds(diff).values())
    # The name is the program's own, so that the old object has to go first.
    assert diff.delete_before_replace
    autonamed = {"annotations": {"pulumi.com/autonamed": "true"}}
    named = compare(
        obj(api_version, kind, metadata=autonamed, **old), obj(api_version, kind, metadata=autonamed, **new)
    )
    assert not named.delete_before_replace


@pytest.mark.parametrize(
    ("api_version", "kind", "old", "new"),
    [
        ("apps/v1", "Deployment", {"spec": {"template": {"x": 1}}}, {"spec": {"template": {"x": 2}}}),
        ("v1", "Service", {"spec": {"selector": {"a": "1"}}}, {"spec": {"selector": {"a": "2"}}}),
        ("v1", "Pod", {"spec": {"containers": [{"image": "a"}]}}, {"spec": {"containers": [{"image": "b"}]}}),
        ("example.com/v1", "ConfigMap", {"data": {"a": "1"}}, {"data": {"a": "2"}}),
        ("policy/v1", "PodDisruptionBudget", {"spec": {"minAvailable": 1}}, {"spec": {"minAvailable": 2}}),
    ],
)
def test_what_can_change_does_in_place(api_version: str, kind: str, old: Object, new: Object) -> None:
    assert set(kinds(compare(obj(api_version, kind, **old), obj(api_version, kind, **new))).values()) == {
        "update"
    }


def test_moving_or_renaming_makes_a_new_object_beside_the_old_one() -> None:
    for moved in ({"namespace": "other"}, {"name": "other"}):
        diff = compare(obj("v1", "Service"), obj("v1", "Service", metadata=moved))
        assert set(kinds(diff).values()) == {"update-replace"}
        assert not diff.delete_before_replace


def test_data_changes_in_place_where_the_provider_may() -> None:
    old, new = (obj("v1", "ConfigMap", data={"a": value}) for value in "12")
    assert kinds(compare(old, new, mutable_configmaps=True)) == {"data.a": "update"}
    assert kinds(compare(old | {"immutable": True}, new | {"immutable": True}, mutable_configmaps=True)) == {
        "data.a": "update-replace"
    }
    old, new = (obj("v1", "Secret", stringData={"a": value}, type=value) for value in "12")
    assert kinds(compare(old, new, mutable_secrets=True)) == {
        "stringData.a": "update",
        "type": "update-replace",
    }


def drift(inputs: Object, known: Object, live: Object) -> Object:
    return changes.drifted(inputs, known, live)


def test_what_the_api_server_rewrites_or_adds_has_not_drifted() -> None:
    inputs = {"spec": {"cpu": "1000m", "tolerations": []}}
    known = {"spec": {"cpu": "1", "restartPolicy": "Always"}, "status": {}}
    live = {"spec": {"cpu": "1", "restartPolicy": "Never", "more": 1}, "status": {"replicas": 3}}
    assert drift(inputs, known, live) == inputs


def test_hand_made_changes_of_managed_fields_show() -> None:
    inputs = {"spec": {"replicas": 2, "template": {"labels": {"a": "1", "b": "2"}}}}
    live = {"spec": {"replicas": 5, "template": {"labels": {"a": "1", "c": "3"}}}}
    assert drift(inputs, inputs, live) == {"spec": {"replicas": 5, "template": {"labels": {"a": "1"}}}}


def test_items_of_lists_are_told_apart_by_their_names() -> None:
    inputs = {"containers": [{"name": "app", "image": "a:1", "args": ["x"]}]}
    known = {"containers": [{"name": "app", "image": "a:1", "args": ["x"], "tty": False}]}
    sidecar = {"name": "proxy", "image": "p:1"}
    live = {"containers": [sidecar, {"name": "app", "image": "evil:2", "args": ["x", "y"], "tty": True}]}
    assert drift(inputs, known, live) == {
        "containers": [{"name": "app", "image": "evil:2", "args": ["x", "y"]}]
    }
    assert drift(inputs, known, {"containers": [sidecar]}) == {"containers": []}


def test_items_without_names_are_compared_as_a_whole() -> None:
    inputs = {"rules": [{"verbs": ["get"]}]}
    live = {"rules": [{"verbs": ["get"]}, {"verbs": ["*"]}]}
    assert drift(inputs, inputs, live) == live


def test_texts_of_secrets_are_found_in_their_data() -> None:
    inputs = {"apiVersion": "v1", "kind": "Secret", "stringData": {"a": "one", "b": "two"}}
    known = {"apiVersion": "v1", "kind": "Secret", "data": {"a": "b25l", "b": "dHdv"}}
    assert drift(inputs, known, known) == inputs
    live = {**known, "data": {"a": "b25l", "b": "ZXZpbA=="}}
    assert drift(inputs, known, live) == {**inputs, "stringData": {"a": "one", "b": "evil"}}
    binary = {**known, "data": {"a": "b25l", "b": "/w=="}}
    assert drift(inputs, known, binary)["stringData"]["b"] == "/w=="


def test_an_import_takes_what_could_have_been_written() -> None:
    live = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "uid": "u",
            "resourceVersion": "1",
            "generation": 2,
            "creationTimestamp": "t",
            "managedFields": [],
            "annotations": {"deployment.kubernetes.io/revision": "1"},
            "labels": {"a": "b"},
        },
        "spec": {"replicas": 1},
        "status": {"replicas": 1},
    }
    assert changes.imported(live) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "labels": {"a": "b"}},
        "spec": {"replicas": 1},
    }
