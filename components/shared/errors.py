"""The error that lists every broken rule of a component's arguments at once."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, get_args, get_origin

import pulumi

from .checks import one_of


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One broken rule: the field it is in (`port`, `env.LOG_LEVEL`), why, and other fields it depends on."""

    field: str
    reason: str
    related: tuple[str, ...] = ()


class ArgsError(pulumi.RunError):
    """The arguments of a component break rules; `problems` lists all of them."""

    def __init__(self, owner: str, problems: Collection[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{owner}.{p.field}: {p.reason}" for p in self.problems))


def require(args: Any, *rules: tuple[str, str | None, *tuple[str, ...]]) -> None:
    """Raises ArgsError for fields of a dataclass that their own annotation refuses, and for broken rules.

    A rule is the field, the reason or None, and for rules between fields the other fields.
    """
    own = [(f.name, why) for f in fields(args) for why in _refusals(f.type, getattr(args, f.name))]
    problems = [Problem(field=r[0], reason=r[1], related=r[2:]) for r in (*own, *rules) if r[1] is not None]
    if problems:
        raise ArgsError(type(args).__name__, problems)


def _refusals(annotation: Any, value: Any) -> Iterator[str | None]:
    """Why an annotation refuses a value: by its checks, its choices or those of its items.

    An Output is not known yet, and passes.
    """
    if get_origin(annotation) is Annotated:
        kind, *checks = get_args(annotation)
        yield from _refusals(kind, value)
        if not isinstance(value, pulumi.Output):
            yield from (check(value) for check in checks)
    elif get_origin(annotation) is Literal:
        yield one_of(value, get_args(annotation))
    elif get_origin(annotation) is tuple:
        for item in value:
            yield from _refusals(get_args(annotation)[0], item)
