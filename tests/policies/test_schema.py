"""Values against schemas of options."""

from typing import Any

import pytest

from policies.judging.schema import problems


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ("a", {"type": "string", "enum": ["a"], "minLength": 1, "pattern": "^a$"}),
        (2, {"type": "integer", "minimum": 2, "maximum": 2}),
        (2.0, {"type": "integer"}),
        (2, {"type": "number"}),
        (True, {"type": "boolean"}),
        (["a", "b"], {"type": "array", "items": {"type": "string"}}),
        ({"a": 1, "b": "x"}, {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["b"]}),
        ({"a": 1}, {"type": "object", "additionalProperties": {"type": "integer"}}),
        (None, {}),
    ],
)
def test_what_fits_has_no_problems(value: Any, schema: dict[str, Any]) -> None:
    assert list(problems(value, schema, "x")) == []


@pytest.mark.parametrize(
    ("value", "schema", "problem"),
    [
        (1, {"type": "string"}, "x: 1 is not of type string"),
        (True, {"type": "integer"}, "x: True is not of type integer"),
        (1.5, {"type": "integer"}, "x: 1.5 is not of type integer"),
        ("a", {"enum": ["b", "c"]}, "x: 'a' is not one of b, c"),
        (" ", {"type": "string", "minLength": 1}, "x: is empty"),
        ("a", {"pattern": "^b$"}, "x: 'a' does not match ^b$"),
        (1, {"minimum": 2}, "x: 1 is less than 2"),
        (3, {"maximum": 2}, "x: 3 is more than 2"),
        (["a", 1], {"items": {"type": "string"}}, "x[1]: 1 is not of type string"),
        ({"a": ""}, {"properties": {"a": {"type": "integer"}}}, "x.a: '' is not of type integer"),
        (
            {"a": 1},
            {"properties": {"b": {}}, "additionalProperties": False},
            "x: `a` is unknown; known are `b`",
        ),
        ({"a": ""}, {"additionalProperties": {"type": "integer"}}, "x.a: '' is not of type integer"),
        ({}, {"required": ["a"]}, "x: `a` is missing"),
    ],
)
def test_what_does_not_fit_is_named(value: Any, schema: dict[str, Any], problem: str) -> None:
    assert list(problems(value, schema, "x")) == [problem]
