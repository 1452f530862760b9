"""Looking into properties of any shape."""

from typing import Any

import pytest

from policies.model import Resource
from policies.values import UNKNOWN, Path, format_path, get, put, whole_number


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("a", 0, "b"), 1),
        (("a", 1), None),
        (("a", -1, "b"), 1),
        (("a", "b"), None),
        (("a", 0, "b", "c"), None),
        (("u", "anything", 3), UNKNOWN),
        ((), {"a": [{"b": 1}], "u": UNKNOWN}),
    ],
)
def test_get(path: Path, found: Any) -> None:
    assert get({"a": [{"b": 1}], "u": UNKNOWN}, *path) == found


@pytest.mark.parametrize(
    ("value", "path", "changed"),
    [
        ({}, ("a", "b"), {"a": {"b": 7}}),
        ({"a": None, "c": 1}, ("a", "b"), {"a": {"b": 7}, "c": 1}),
        ({"a": [1, 2]}, ("a", 1), {"a": [1, 7]}),
        ({"a": [1, 2]}, ("a", 2), {"a": [1, 2]}),
        ({"a": []}, ("a", 0), {"a": []}),
        ({"a": "text"}, ("a", "b"), {"a": "text"}),
        ({"a": UNKNOWN}, ("a", "b"), {"a": UNKNOWN}),
        ({"a": UNKNOWN}, ("a", 0), {"a": UNKNOWN}),
    ],
)
def test_put(value: Any, path: Path, changed: Any) -> None:
    before = repr(value)
    assert put(value, path, 7) == changed
    assert repr(value) == before


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3), (3.0, 3), (3.5, None), (True, None), ("3", None), (float("inf"), None), (float("nan"), None)],
)
def test_whole_numbers(value: Any, number: int | None) -> None:
    assert whole_number(value) == number


def test_paths_are_shown_as_people_write_them() -> None:
    path = ("spec", "containers", 0, "image")
    assert format_path(path) == "spec.containers[0].image"
    assert (
        format_path(("metadata", "annotations", "example.com/a.b"))
        == 'metadata.annotations["example.com/a.b"]'
    )


def test_secrets_are_not_quoted() -> None:
    props = {"env": [{"name": "A", "value": "hidden"}], "mode": "fast"}
    resource = Resource(type="t", name="n", props=props, secrets=frozenset({("env", 0, "value")}))
    assert resource.quote(("mode",)) == '"fast"'
    assert resource.quote(("env", 0, "name")) == '"A"'
    assert {resource.quote(("env", 0, "value")), resource.quote(("env",))} == {"a secret"}
