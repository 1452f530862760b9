"""Tokens, property values and ids of the stand-in Kubernetes provider, and the names it makes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from local.plugins.base import UNKNOWN, Asset, Autonaming, PluginError, Secret
from local.plugins.kubernetes import naming
from local.plugins.kubernetes.objects import (
    Gvk,
    annotation,
    gvk_of,
    gvk_of_token,
    id_of,
    is_annotated,
    split_id,
    title,
    to_object,
    to_values,
)


@pytest.mark.parametrize(
    ("token", "api_version", "kind"),
    [
        ("kubernetes:core/v1:Namespace", "v1", "Namespace"),
        ("kubernetes:apps/v1:Deployment", "apps/v1", "Deployment"),
        ("kubernetes:networking.k8s.io/v1:Ingress", "networking.k8s.io/v1", "Ingress"),
        ("kubernetes:policy/v1:PodDisruptionBudget", "policy/v1", "PodDisruptionBudget"),
        ("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "autoscaling/v2", "HorizontalPodAutoscaler"),
        ("kubernetes:argoproj.io/v1alpha1:Rollout", "argoproj.io/v1alpha1", "Rollout"),
        ("kubernetes:example.com/v1:PriceList", "example.com/v1", "PriceList"),
    ],
)
def test_tokens_name_kinds(token: str, api_version: str, kind: str) -> None:
    gvk = gvk_of_token(token)
    assert (gvk.api_version, gvk.kind) == (api_version, kind)
    assert gvk_of({"apiVersion": api_version, "kind": kind}) == gvk


@pytest.mark.parametrize(
    ("token", "message"),
    [
        (
            "kubernetes:core/v1:ConfigMapPatch",
            "kubernetes:core/v1:ConfigMapPatch: patch resources are not supported by this plugin; manage "
            "the whole "
            "object as a ConfigMap",
        ),
        (
            "kubernetes:apps/v1:DeploymentList",
            "kubernetes:apps/v1:DeploymentList: a list is no object of its own; create each Deployment",
        ),
        (
            "kubernetes:helm.sh/v3:Release",
            "kubernetes:helm.sh/v3:Release is not supported by this plugin; install the official one with "
            "`pulumi plugin install resource kubernetes`, or create the chart's objects themselves",
        ),
        (
            "kubernetes:yaml:ConfigFile",
            "kubernetes:yaml:ConfigFile is no kind of Kubernetes object; a type reads "
            "kubernetes:<group>/<version>:<Kind>",
        ),
    ],
)
def test_other_tokens_are_refused(token: str, message: str) -> None:
    with pytest.raises(PluginError) as error:
        gvk_of_token(token)
    assert str(error.value) == message


def test_values_become_objects_and_back() -> None:
    values: dict[str, Any] = {
        "spec": Secret({"a": None, "b": [1, Secret("x")], "x_kubernetes_int_or_string": True}),
        "gone": None,
        "secretly_gone": Secret(None),
        "later": UNKNOWN,
        "empty": {},
        "__fieldManager": "pulumi-kubernetes-12345678",
    }
    assert to_object(values) == {
        "spec": {"b": [1, "x"], "x-kubernetes-int-or-string": True},
        "later": UNKNOWN,
        "empty": {},
    }
    live = {"a": None, "b": [{"x-kubernetes-list-type": "map", "c": None}]}
    assert to_values(live) == {"b": [{"x_kubernetes_list_type": "map"}]}


def test_files_are_no_part_of_an_object() -> None:
    with pytest.raises(
        PluginError, match="cannot hold an asset or an archive; read the file and pass its text"
    ):
        to_object({"data": {"a": Asset(path="a")}})


def test_ids() -> None:
    namespaced = {"kind": "Service", "metadata": {"name": "web", "namespace": "shop"}}
    assert id_of(namespaced) == "shop/web"
    assert title(namespaced) == "Service shop/web"
    assert id_of({"metadata": {"name": "shop"}}) == "shop"
    assert id_of({"metadata": UNKNOWN}) == ""
    assert split_id("shop/web") == ("shop", "web")
    assert split_id("shop") == ("", "shop")


@pytest.mark.parametrize("id_", ["", "a/", "a/b/c"])
def test_other_ids_are_refused(id_: str) -> None:
    with pytest.raises(
        PluginError, match=re.escape(f"{id_!r} names no Kubernetes object; an id is <namespace>/")
    ):
        split_id(id_)


def test_annotations() -> None:
    obj = {"metadata": {"annotations": {"a": "True", "b": True, "c": UNKNOWN}}}
    assert is_annotated(obj, "a")
    assert is_annotated(obj, "b")
    assert annotation(obj, "c") == ""
    assert annotation({"metadata": {"annotations": UNKNOWN}}, "a") == ""


def assign(
    obj: dict[str, Any], old: dict[str, Any] | None = None, autonaming: Autonaming | None = None
) -> tuple[dict[str, Any], list[str]]:
    named, failures = naming.assign(obj, old or {}, "web", seed=b"seed", autonaming=autonaming)
    return named["metadata"], [failure.reason for failure in failures]


def test_a_missing_name_is_made_from_the_seed() -> None:
    metadata, failures = assign({"metadata": {"labels": {"a": "b"}}})
    assert re.fullmatch(r"web-[0-9a-f]{8}", metadata["name"])
    assert metadata["annotations"] == {"pulumi.com/autonamed": "true"}
    assert metadata["labels"] == {"a": "b"}
    assert not failures
    assert assign({})[0]["name"] == metadata["name"]
    other, _ = naming.assign({}, {}, "web", seed=b"other", autonaming=None)
    assert other["metadata"]["name"] != metadata["name"]
    unseeded = {naming.suffix(b"", "web-") for _ in range(2)}
    assert len(unseeded) == 2


def test_a_given_or_unknown_name_stays() -> None:
    assert assign({"metadata": {"name": "mine"}})[0] == {"name": "mine"}
    assert assign({"metadata": {"name": UNKNOWN}})[0] == {"name": UNKNOWN}


def test_a_made_name_is_kept_and_a_given_one_is_not_adopted() -> None:
    made = {"metadata": {"name": "web-11111111", "annotations": {"pulumi.com/autonamed": "true"}}}
    assert assign({}, made)[0] == made["metadata"]
    # A name taken out of the program is a replacement, for which the engine checks again without the old.
    assert assign({"metadata": {}}, {"metadata": {"name": "mine"}}) == ({}, [])


@pytest.mark.parametrize("mode", ["propose", "enforce"])
def test_the_engine_proposes_names(mode: Any) -> None:
    assert assign({}, autonaming=Autonaming(mode=mode, name="dev-web"))[0]["name"] == "dev-web"


def test_names_that_cannot_be_made() -> None:
    assert assign({"metadata": {}}, autonaming=Autonaming(mode="disable"))[1] == [
        "pulumi:autonaming is disabled here, so 'web' needs metadata.name"
    ]
    assert assign({"metadata": {"generateName": "web-"}})[1] == [
        "generateName does not work with server-side apply; leave it out to get a made name"
    ]


def test_unknown_annotations_do_not_prevent_a_name() -> None:
    metadata, failures = assign({"metadata": {"annotations": UNKNOWN}})
    assert metadata["annotations"] is UNKNOWN
    assert metadata["name"].startswith("web-")
    assert not failures


def test_kinds_read_well() -> None:
    assert str(Gvk(group="apps", version="v1", kind="Deployment")) == "apps/v1 Deployment"
