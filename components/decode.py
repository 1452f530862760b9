"""Config values, as JSON gives them, into the types of arguments."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, cast, get_origin

import pulumi


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One type of setting."""

    name: str
    """What a value should be, for messages."""
    decode: Callable[[Any], Any]
    """The value in the arguments' type; raises TypeError."""
    hint: str
    """What follows `pulumi config set --path` to set one, with {key}."""


def kind_of(annotation: Any) -> Kind:
    """The kind that a field's annotation stands for."""
    return _STRING if get_origin(annotation) is Literal else _KINDS[annotation]


def shown(value: Any) -> str:
    """A value as it is written, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _exactly(wanted: type) -> Callable[[Any], Any]:
    def decode(value: Any) -> Any:
        if type(value) is not wanted:  # bool is an int otherwise
            raise TypeError
        return value

    return decode


def _integer(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _exactly(int)(value)


def _decimal(value: Any) -> Decimal:
    """A number with decimals. Pulumi.yaml has no such type: it is a string there, and may come as either."""
    try:
        return Decimal(scalar(str(value) if isinstance(value, float) else value))
    except InvalidOperation:
        raise TypeError from None


def _items(item: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    return lambda value: tuple(item(entry) for entry in _exactly(list)(value))


def _strings_by_name(value: Any) -> dict[str, str]:
    return {key: scalar(entry) for key, entry in cast("dict[str, Any]", _exactly(dict)(value)).items()}


def scalar(value: Any) -> str:
    """Text of an entry. `pulumi config set` stores numbers and switches as such; floats may lose digits."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else _exactly(str)(value)


_STRING = Kind(name="a string", decode=_exactly(str), hint="--type string {key} TEXT")
_STRINGS = Kind(name="a map of strings", decode=_strings_by_name, hint="--type string {key}.NAME TEXT")
_KINDS: dict[Any, Kind] = {
    str: _STRING,
    pulumi.Input[str]: _STRING,
    int: Kind(name="an integer", decode=_integer, hint="{key} NUMBER"),
    Decimal: Kind(name="a number", decode=_decimal, hint="{key} NUMBER"),
    bool: Kind(name="a boolean", decode=_exactly(bool), hint="{key} true"),
    tuple[str, ...]: Kind(name="a list of strings", decode=_items(_exactly(str)), hint="'{key}[0]' TEXT"),
    tuple[int, ...]: Kind(name="a list of integers", decode=_items(_integer), hint="'{key}[0]' NUMBER"),
    Mapping[str, str]: _STRINGS,
    Mapping[str, pulumi.Input[str]]: _STRINGS,
}
