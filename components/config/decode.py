"""Config values, as JSON gives them, into the types of arguments."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, cast, get_args, get_origin

import pulumi


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One type of setting."""

    name: str
    """What a value should be, for messages."""
    declared: str
    """Its type in Pulumi.yaml, which has none for decimals."""
    items: str = ""
    """Type of a list's items in Pulumi.yaml; empty for what is not a list."""
    secret: bool = False
    """Whether a value has to be encrypted in the stack file."""
    decode: Callable[[Any], Any]
    """The value in the arguments' type; raises TypeError."""
    hint: str
    """What follows `pulumi config set --path` to set one, with {key}."""


def kind_of(annotation: Any) -> Kind:
    """The kind that a field's annotation stands for. Raises TypeError if there is none."""
    bare = plain(annotation)
    kind = _STRING if get_origin(bare) is Literal else _KINDS.get(bare)
    if kind is None:
        raise TypeError(f"{bare} is not a type that a setting can have")
    return kind


def plain(annotation: Any) -> Any:
    """An annotation without its checks, and without those of its items."""
    if get_origin(annotation) is Annotated:
        return plain(get_args(annotation)[0])
    if get_origin(annotation) is tuple:
        return tuple[plain(get_args(annotation)[0]), ...]
    return annotation


def shown(value: Any) -> str:
    """A value as it is written, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def scalar(value: Any) -> str:
    """An entry as text; raises TypeError. `pulumi config set` stores numbers and booleans as such.

    Floats are refused, as they may have lost digits.
    """
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else _exactly(str)(value)


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
    """A number with decimals, which may come as a number or, as Pulumi.yaml declares it, as a string."""
    try:
        return Decimal(scalar(str(value) if isinstance(value, float) else value))
    except InvalidOperation:
        raise TypeError from None


def _items(item: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    return lambda value: tuple(item(entry) for entry in _exactly(list)(value))


def _strings_by_name(value: Any) -> dict[str, str]:
    return {key: scalar(entry) for key, entry in cast("dict[str, Any]", _exactly(dict)(value)).items()}


def _string(*, secret: bool) -> Kind:
    hint = "--type string {key} TEXT"
    return Kind(name="a string", declared="string", decode=_exactly(str), hint=hint, secret=secret)


def _map(*, secret: bool) -> Kind:
    hint = "--type string {key}.NAME TEXT"
    return Kind(name="a map of strings", declared="object", decode=_strings_by_name, hint=hint, secret=secret)


def _list(item: str, decode: Callable[[Any], Any], value: str) -> Kind:
    hint = f"'{{key}}[0]' {value}"
    return Kind(name=f"a list of {item}s", declared="array", items=item, decode=_items(decode), hint=hint)


_STRING = _string(secret=False)
_KINDS: dict[Any, Kind] = {
    str: _STRING,
    pulumi.Input[str]: _string(secret=True),
    int: Kind(name="an integer", declared="integer", decode=_integer, hint="{key} NUMBER"),
    Decimal: Kind(name="a number", declared="string", decode=_decimal, hint="{key} NUMBER"),
    bool: Kind(name="a boolean", declared="boolean", decode=_exactly(bool), hint="{key} true"),
    tuple[str, ...]: _list("string", _exactly(str), "TEXT"),
    tuple[int, ...]: _list("integer", _integer, "NUMBER"),
    Mapping[str, str]: _map(secret=False),
    Mapping[str, pulumi.Input[str]]: _map(secret=True),
}
