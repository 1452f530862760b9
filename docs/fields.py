"""What a field of the arguments says of its setting: type, choices, default, range and sentence."""

import ast
import functools
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal, get_args, get_origin

from components.config import Setting


class FieldError(Exception):
    """A field does not say what the documentation needs: which, and what to write."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A setting as the documentation has it."""

    setting: Setting
    """The setting."""
    sentence: str
    """What it means, in one line: the docstring below its field."""
    choices: tuple[str, ...]
    """Its values, if only these are allowed."""
    range: str
    """Range and unit, `30-3600 s`, of a list's items with ` each`; empty without one."""

    @property
    def key(self) -> str:
        return self.setting.key

    @property
    def default(self) -> Any:
        """Its default as JSON has it; MISSING if it is required."""
        return _plain(self.setting.default)


def entry(setting: Setting) -> Entry:
    """What the field of a setting says. Raises FieldError."""
    ranges, choices = _read_annotation(setting)
    return Entry(setting=setting, sentence=_sentence(setting), choices=choices, range=", ".join(ranges))


def _read_annotation(setting: Setting) -> tuple[list[str], tuple[str, ...]]:
    ranges: list[str] = []
    choices: tuple[str, ...] = ()
    for part, is_item in _parts(setting.annotation):
        if get_origin(part) is Literal:
            choices = get_args(part)
        elif text := getattr(part, "text", ""):  # a check of a range, such as Between
            ranges.append(f"{text} each" if is_item else text)
        elif not callable(part):
            where = f"{setting.owner.__name__}.{setting.field}"
            raise FieldError(
                f"{where}: {part!r} in its annotation is not a check; see components/shared/checks.py"
            )
    return ranges, choices


def _parts(annotation: Any, *, is_item: bool = False) -> Iterator[tuple[Any, bool]]:
    """The bare type and the checks of an annotation, and whether each is of a list's items."""
    if get_origin(annotation) is Annotated:
        bare, *checks = get_args(annotation)
        yield from _parts(bare, is_item=is_item)
        yield from ((check, is_item) for check in checks)
    elif get_origin(annotation) is tuple:
        yield from _parts(get_args(annotation)[0], is_item=True)
    else:
        yield annotation, is_item


def _sentence(setting: Setting) -> str:
    for owner in setting.owner.__mro__[:-1]:
        if found := _docstrings(owner).get(setting.field):
            return found
    raise FieldError(
        f"{setting.owner.__name__}.{setting.field}: has no sentence; write a docstring below the field"
    )


@functools.cache
def _docstrings(owner: type[Any]) -> dict[str, str]:
    """Docstrings below the fields of a class, each in one line."""
    source = ast.parse(textwrap.dedent(inspect.getsource(owner)))
    body = next(node.body for node in source.body if isinstance(node, ast.ClassDef))
    found: dict[str, str] = {}
    for field, below in pairwise(body):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = " ".join(text.split())
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
