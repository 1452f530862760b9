"""What differs between two pod templates, without a value of a variable."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from components.operate.report.template_changes import template_changes

VARIABLES = [
    {"name": "PORT", "value": "8080"},
    {"name": "GREETING", "valueFrom": {"configMapKeyRef": {"name": "shop-config-1", "key": "GREETING"}}},
    {"name": "SESSION_KEY", "valueFrom": {"secretKeyRef": {"name": "shop-secret-1", "key": "SESSION_KEY"}}},
]
TEMPLATE: dict[str, Any] = {
    "metadata": {
        "labels": {"app.kubernetes.io/version": "v1", "track": "stable", "pod-template-hash": "1"},
        "annotations": {
            "checksum/config": "1",
            "checksum/secret": "1",
            "goservice/commit": "c0ffee",
            "prometheus.io/port": "8080",
        },
    },
    "spec": {
        "terminationGracePeriodSeconds": 35,
        "topologySpreadConstraints": [{"labelSelector": {"matchLabels": {"track": "stable"}}}],
        "containers": [
            {
                "name": "shop",
                "image": "shop@sha256:1",
                "env": VARIABLES,
                "ports": [{"name": "http", "containerPort": 8080}],
                "resources": {"limits": {"memory": "256Mi"}},
                "readinessProbe": {"httpGet": {"path": "/health/ready"}, "periodSeconds": 10},
                "securityContext": {"capabilities": {"drop": ["ALL"]}},
            }
        ],
    },
}


def changed(edit: Callable[[dict[str, Any], dict[str, Any]], object]) -> list[tuple[str, str, str]]:
    """Changes after an edit of the template and of its container."""
    new = copy.deepcopy(TEMPLATE)
    edit(new, new["spec"]["containers"][0])
    return [(change.part, change.old, change.new) for change in template_changes(TEMPLATE, new)]


def test_release_and_track_are_no_changes_of_the_template() -> None:
    def edit(template: dict[str, Any], container: dict[str, Any]) -> None:
        labels = {"app.kubernetes.io/version": "v2", "track": "canary", "pod-template-hash": "2"}
        template["metadata"]["labels"] = labels
        template["metadata"]["annotations"]["goservice/commit"] = "decaf"
        template["spec"]["topologySpreadConstraints"] = []
        container["image"] = "shop@sha256:2"

    assert changed(edit) == []


def test_parts_go_by_their_path() -> None:
    def edit(template: dict[str, Any], container: dict[str, Any]) -> None:
        template["spec"]["terminationGracePeriodSeconds"] = 60
        template["spec"]["imagePullSecrets"] = [{"name": "shop-pull"}]
        template["metadata"]["annotations"]["prometheus.io/port"] = "9090"
        container["resources"]["limits"] = {"memory": "512Mi"}
        container["ports"][0]["containerPort"] = 9090
        container["readinessProbe"]["httpGet"]["path"] = "/ready"
        del container["securityContext"]

    assert changed(edit) == [
        ("annotation.prometheus.io/port", "8080", "9090"),
        ("imagePullSecrets.shop-pull.name", "", "shop-pull"),
        ("ports.http.containerPort", "8080", "9090"),
        ("readinessProbe.httpGet.path", "/health/ready", "/ready"),
        ("resources.limits.memory", "256Mi", "512Mi"),
        ("securityContext.capabilities.drop.0", "ALL", ""),
        ("terminationGracePeriodSeconds", "35", "60"),
    ]


def test_another_container_is_named_with_its_image() -> None:
    sidecar = {"name": "proxy", "image": "proxy:2", "env": [{"name": "TOKEN", "value": "geheim"}]}
    assert changed(lambda template, _: template["spec"]["containers"].append(sidecar)) == [
        ("container proxy.image", "", "proxy:2")
    ]


def test_variables_come_go_and_change_their_source() -> None:
    def edit(_: dict[str, Any], container: dict[str, Any]) -> None:
        container["env"] = [
            {"name": "PORT", "value": "9090"},
            {"name": "GREETING", "valueFrom": {"secretKeyRef": {"name": "shop-secret-1", "key": "GREETING"}}},
            {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
        ]

    assert changed(edit) == [
        ("env.GREETING", "from the configuration", "from a secret"),
        ("env.NODE", "", "fieldRef"),
        ("env.PORT", "a value", "another value"),
        ("env.SESSION_KEY", "from a secret", ""),
    ]


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        ("checksum/config", ("env.GREETING", "from the configuration", "another value")),
        ("checksum/secret", ("env.SESSION_KEY", "from a secret", "another value")),
    ],
)
def test_another_value_shows_in_its_hash(mark: str, expected: tuple[str, str, str]) -> None:
    assert changed(lambda template, _: template["metadata"]["annotations"].update({mark: "2"})) == [expected]


def test_of_several_variables_the_hash_does_not_say_which() -> None:
    def edit(template: dict[str, Any], container: dict[str, Any]) -> None:
        template["metadata"]["annotations"]["checksum/config"] = "2"

    more = copy.deepcopy(TEMPLATE)
    reference = {"name": "shop-config-1", "key": "COLOUR"}
    more["spec"]["containers"][0]["env"].append(
        {"name": "COLOUR", "valueFrom": {"configMapKeyRef": reference}}
    )
    new = copy.deepcopy(more)
    edit(new, {})
    (found,) = template_changes(more, new)
    assert found.part == "one or more of env.COLOUR, env.GREETING"


def test_a_template_with_nothing_in_it_is_compared_too() -> None:
    bare = {"metadata": {}, "spec": {"containers": [{"name": "shop", "image": "shop@sha256:1"}]}}
    assert template_changes(bare, bare) == []
    assert [change.part for change in template_changes(bare, TEMPLATE)][:3] == [
        "env.GREETING",
        "env.PORT",
        "env.SESSION_KEY",
    ]


def test_values_of_other_containers_stay_out_too() -> None:
    def template(value: str) -> dict[str, Any]:
        variables = [{"name": "DB", "value": value}]
        containers = {"containers": [{"name": "shop", "image": "i"}]}
        return {"metadata": {}, "spec": containers | {"initContainers": [{"name": "m", "env": variables}]}}

    assert template_changes(template("secret1"), template("secret2")) == []
