"""Rules for tests of what is around the rules: one of each kind."""

from collections.abc import Iterator, Sequence
from typing import Any

from policies.model import Option, Options, Resource, ResourceRule, StackRule, Violation
from policies.values import MakeSecret, get, put


def _limit(resource: Resource, options: Options) -> Iterator[Violation]:
    size = get(resource.props, "size")
    if isinstance(size, int) and size > options["most"]:
        yield Violation(path=("size",), message=f"is {size}, more than {options['most']}")


def _clear(resource: Resource, _options: Options) -> Iterator[Violation]:
    if isinstance(get(resource.props, "token"), str) and not resource.is_secret(("token",)):
        yield Violation(path=("token",), message="is in clear")


def _kept_secret(resource: Resource) -> dict[str, Any] | None:
    token = get(resource.props, "token")
    if not isinstance(token, str) or resource.is_secret(("token",)):
        return None
    return put(resource.props, ("token",), MakeSecret(token))


def _alone(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
    names = [resource.name for resource in resources]
    for resource in resources:
        if names.count(resource.name) > 1:
            yield Violation(
                path=(),
                message=f"{resource.name} is there twice, {get(resource.props, 'size')} cm",
                resource=resource,
            )


def _broken(resource: Resource, _options: Options) -> Iterator[Violation]:
    yield Violation(path=("size",), message="was seen")
    raise KeyError(resource.props["token"])


def _broken_fix(resource: Resource) -> dict[str, Any] | None:
    raise KeyError(resource.props["token"])


LIMIT = ResourceRule(
    name="size-limit",
    asks="Things are small.",
    why="Large ones | break *shelves*.",
    remedy="Set size: 1 <or less>.",
    example="size: 1\n",
    severity="high",
    control="Size",
    standard="baseline",
    options={"most": Option(schema={"type": "integer", "minimum": 1}, default=3, meaning="Largest size.")},
    check=_limit,
)
CLEAR = ResourceRule(
    name="size-clear",
    asks="Tokens are secrets.",
    why="People read them.",
    remedy="Make it a secret.",
    example="token: a secret",
    severity="critical",
    check=_clear,
    fix=_kept_secret,
)
ALONE = StackRule(
    name="stack-alone",
    asks="Names are unique.",
    why="They get mixed up.",
    remedy="Rename one.",
    example="name: other",
    severity="low",
    check=_alone,
)
BROKEN = ResourceRule(
    name="size-broken",
    asks="Nothing breaks.",
    why="It hides the rest.",
    remedy="Mend the rule.",
    example="size: 1",
    severity="medium",
    check=_broken,
    fix=_broken_fix,
)


def thing(name: str = "box", origin: str = "things.yaml:3", **props: Any) -> Resource:
    """A resource of a type of its own."""
    return Resource(type="acme:index:Thing", name=name, props=props, origin=origin)
