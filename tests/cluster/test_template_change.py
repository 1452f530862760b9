"""What differs between two pod templates, without any value but the image."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from components.cluster import template_change

TEMPLATE: dict[str, Any] = {
    "metadata": {"labels": {"app": "shop"}},
    "spec": {"containers": [{"name": "shop", "image": "a", "env": [{"name": "TOKEN", "value": "secret"}]}]},
}


def own(template: dict[str, Any]) -> dict[str, Any]:
    return template["spec"]["containers"][0]


def change_much(template: dict[str, Any]) -> None:
    own(template)["env"].append({"name": "B", "value": "1"})
    own(template)["args"] = ["x"]
    template["spec"]["volumes"] = []
    template["metadata"]["annotations"] = {"a": "b"}


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "nothing": (lambda template: None, ""),
    "image": (lambda template: own(template).update(image="b"), "its image: a -> b"),
    "value": (
        lambda template: own(template)["env"][0].update(value="other"),
        "its pod template: spec.containers.shop.env.TOKEN.value",
    ),
    "label": (
        lambda template: template["metadata"]["labels"].pop("app"),
        "its pod template: metadata.labels.app",
    ),
    "sidecar": (
        lambda template: template["spec"]["containers"].append({"name": "proxy", "image": "p"}),
        "its pod template: spec.containers.proxy",
    ),
    "much": (
        change_much,
        "its pod template: metadata.annotations, spec.containers.shop.args, spec.containers.shop.env.B"
        " and 1 more",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_has_changed(case: str) -> None:
    change, told = CHANGES[case]
    after = copy.deepcopy(TEMPLATE)
    change(after)
    found = template_change(TEMPLATE, after)
    assert found == told
    assert "secret" not in found
    assert "other" not in found
