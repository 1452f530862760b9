"""Kubernetes manifests as resources: streams, lists, JSON, and what cannot be read."""

import pytest

from policies.reading.manifests import UnreadableError, load


def test_each_document_of_a_stream_is_a_resource_with_its_line() -> None:
    text = """\
# nothing yet
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
---
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
"""
    first, second = load(text, "shop.yaml")
    assert (first.type, first.name, first.origin) == ("kubernetes:core/v1:Pod", "shop/web", "shop.yaml:3")
    assert (second.type, second.name, second.origin) == (
        "kubernetes:apps/v1:Deployment",
        "api",
        "shop.yaml:8",
    )
    assert second.props["metadata"] == {"name": "api"}
    assert (first.group, first.kind, second.group) == ("core", "Pod", "apps")


def test_lists_are_their_items_lists_in_lists_too() -> None:
    text = """\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: a}
- apiVersion: v1
  kind: List
  items:
  - {apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {generateName: b-}}
"""
    found = load(text, "list.yaml")
    assert [(each.type, each.name, each.origin) for each in found] == [
        ("kubernetes:core/v1:Pod", "a", "list.yaml:4"),
        ("kubernetes:argoproj.io/v1alpha1:Rollout", "b-", "list.yaml:10"),
    ]


def test_items_of_a_typed_list_have_the_kind_of_the_list() -> None:
    text = "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- metadata: {name: a}\n"
    (deployment,) = load(text, "x")
    assert deployment.type == "kubernetes:apps/v1:Deployment"
    assert deployment.props == {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "---\n",
        "# only words\n",
        "apiVersion: v1\nkind: List\n",
        "apiVersion: v1\nkind: List\nitems: []\n",
    ],
)
def test_nothing_is_no_resource(text: str) -> None:
    assert load(text, "x") == []


def test_a_kind_that_ends_in_list_and_has_no_items_is_an_object() -> None:
    (resource,) = load("apiVersion: acme.io/v1\nkind: AllowList\nspec: {}\n", "x")
    assert resource.kind == "AllowList"


def test_json_is_read_with_tabs_too() -> None:
    text = '{\n\t"apiVersion": "v1",\n\t"kind": "Pod",\n\t"metadata": {"name": "a\\tb"}\n}'
    (pod,) = load(text, "pod.json")
    assert pod.props["metadata"] == {"name": "a\tb"}


def test_values_are_what_kubernetes_reads() -> None:
    text = """\
apiVersion: v1
kind: ConfigMap
data: {day: 2026-01-02, time: 12:30, sum: =, octal: 0644, on: true, 80: web}
"""
    (resource,) = load(text, "x")
    assert resource.props["data"] == {
        "day": "2026-01-02", "time": "12:30", "sum": "=", "octal": 420, "true": True, "80": "web",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a: b: c\n", 1, "mapping values are not allowed"),
        ("apiVersion: v1\nkind: Pod\nmetadata: [\n", 4, "not YAML"),
        ("apiVersion: v1\nkind: Pod\n---\n- a\n", 4, "a Kubernetes object has to be a map, not a list"),
        ("just words\n", 1, "not a string"),
        ("\nreplicas: 2\n", 2, "`apiVersion` is missing"),
        ("apiVersion: v1\nkind: 3\n", 1, "`kind` is missing or not a string"),
        ("apiVersion: v1\nkind: List\nitems: {}\n", 1, "`items` of a List has to be a list, not a map"),
        ("apiVersion: v1\nkind: List\nitems:\n- 3\n", 4, "not a number"),
        ("apiVersion: v1\nkind: Pod\nspec: !Ref x\n", 3, "!Ref"),
        ("apiVersion: v1\nkind: Pod\nspec: &a {b: *a}\n", 1, "recursive"),
        ("apiVersion: v1\nkind: \x07\n", 2, "not YAML"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text: str, line: int, problem: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        load(text, "bad.yaml")
    assert (caught.value.source, caught.value.line) == ("bad.yaml", line)
    assert problem in str(caught.value)
    assert str(caught.value).startswith(f"bad.yaml:{line}: ")


def test_a_property_is_placed_by_its_line_or_that_of_the_nearest_around_it() -> None:
    text = """\
# shop
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: web
    image: web
    ports:
    - {containerPort: 80, hostPort: 80}
"""
    (pod,) = load(text, "a.yaml")
    places = {
        (): 2,
        ("spec",): 5,
        ("spec", "containers", 0): 7,
        ("spec", "containers", 0, "image"): 8,
        ("spec", "containers", 0, "ports", 0, "hostPort"): 10,
        ("spec", "containers", 0, "securityContext", "runAsUser"): 7,
        ("spec", "containers", 3, "image"): 6,
        ("metadata", "name", "x"): 4,
        ("status", 0): 2,
    }
    for path, line in places.items():
        assert pod.location(path) == f"a.yaml:{line}", path
    (listed,) = load("apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- spec: {}\n", "b.yaml")
    assert (listed.origin, listed.location(("spec",)), listed.location(("kind",))) == ("b.yaml:4",) * 3
