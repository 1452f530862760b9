"""Validates values against the part of JSON Schema that options of rules use."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from ..values import entries, items

TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def problems(value: Any, schema: Mapping[str, Any], name: str) -> Iterator[str]:
    """Problems of a value, one line each, starting with the name of the place.

    Knows type, enum, minimum, maximum, minLength, pattern, items, properties, required, additionalProperties.
    """
    kind = schema.get("type")
    if kind is not None and not _is(value, kind):
        yield f"{name}: {value!r} is not of type {kind}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{name}: {value!r} is not one of {', '.join(map(str, schema['enum']))}"
    if isinstance(value, str):
        if len(value.strip()) < schema.get("minLength", 0):
            yield f"{name}: is empty"
        elif not re.search(schema.get("pattern", ""), value):
            yield f"{name}: {value!r} does not match {schema['pattern']}"
    if isinstance(value, int | float):
        if value < schema.get("minimum", value):
            yield f"{name}: {value} is less than {schema['minimum']}"
        if value > schema.get("maximum", value):
            yield f"{name}: {value} is more than {schema['maximum']}"
    for index, entry in enumerate(items(value)):
        yield from problems(entry, schema.get("items", {}), f"{name}[{index}]")
    yield from _parts(entries(value), schema, name)


def _parts(value: dict[str, Any], schema: Mapping[str, Any], name: str) -> Iterator[str]:
    known: Mapping[str, Any] = schema.get("properties", {})
    others: Any = schema.get("additionalProperties", True)
    for key, entry in value.items():
        if key in known:
            yield from problems(entry, known[key], f"{name}.{key}")
        elif others is False:
            yield f"{name}: `{key}` is unknown; known are {', '.join(f'`{each}`' for each in known)}"
        elif isinstance(others, dict):
            yield from problems(entry, cast("dict[str, Any]", others), f"{name}.{key}")
    if isinstance(schema.get("required"), list):
        for key in schema["required"]:
            if key not in value:
                yield f"{name}: `{key}` is missing"


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, TYPES[kind]) or (
        kind == "integer" and isinstance(value, float) and value.is_integer()
    )
