"""Fixtures of policy rules: `fixtures/RULE/good/*.yaml` keep the rule, `fixtures/RULE/bad/*.yaml` break it.

A fixture is a YAML stream. A document with `apiVersion` is a manifest; any other has `type`, `name`, `props`
and, if need be, `secrets`, a list of paths. Comments at its top say what is expected:

    # violates: spec.containers[0].image    one line for each violation, the path as `format_path` writes it
    # kinds: Deployment, StatefulSet        kinds the rule is about; in other kinds it finds nothing in a pod
    # options: {registries: [ghcr.io]}      options of the rule that are not at their default
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from policies import values
from policies.catalog import BY_NAME, AnyRule
from policies.model import Options, Resource, StackRule, Violation
from policies.reading.manifests import load

FIXTURES = Path(__file__).parent / "fixtures"


@dataclass(frozen=True, kw_only=True)
class Fixture:
    """Resources, and what a rule has to say about them."""

    file: Path
    rule: str
    """Name of the rule it is about."""
    good: bool
    resources: tuple[Resource, ...]
    violates: tuple[str, ...]
    """Paths of the violations, sorted; none where it is good."""
    kinds: tuple[str, ...]
    """Kinds the rule is about; empty for all."""
    options: Options
    """Options that are not at their default."""

    def __str__(self) -> str:
        return str(self.file.relative_to(FIXTURES))


@cache
def fixtures() -> tuple[Fixture, ...]:
    """All fixtures, in order of their files."""
    return tuple(read(file) for file in sorted(FIXTURES.glob("*/*/*.yaml")))


def read(file: Path) -> Fixture:
    """Reads a fixture. Raises ValueError for one that contradicts its folder."""
    lines = file.read_text().splitlines()
    good = {"good": True, "bad": False}[file.parent.name]
    violates = sorted(_comments(lines, "violates"))
    if good == bool(violates):
        raise ValueError(f"{file}: a bad fixture says `# violates: PATH`, and a good one does not")
    return Fixture(
        file=file,
        rule=file.parent.parent.name,
        good=good,
        resources=tuple(_resources(file)),
        violates=tuple(violates),
        kinds=tuple(kind.strip() for kinds in _comments(lines, "kinds") for kind in kinds.split(",")),
        options={
            key: value for said in _comments(lines, "options") for key, value in yaml.safe_load(said).items()
        },
    )


def _comments(lines: Iterable[str], key: str) -> list[str]:
    return [line.removeprefix(f"# {key}:").strip() for line in lines if line.startswith(f"# {key}:")]


def _resources(file: Path) -> Iterator[Resource]:
    for document in file.read_text().split("\n---\n"):
        content = yaml.safe_load(document)
        if "apiVersion" in content:
            yield from load(document, file.name)
            continue
        props = content["props"]
        secrets = [_path(props, path) for path in content.get("secrets", [])]
        kind, name = content["type"], content["name"]
        urn = f"urn:pulumi:test::fixtures::{kind}::{name}"
        yield Resource(type=kind, name=name, props=props, secrets=frozenset(secrets), origin=urn)


def _path(props: Any, path: str) -> values.Path:
    """The path with this text. Raises ValueError if there is none."""
    for found, _ in nodes(props):
        if values.format_path(found) == path:
            return found
    raise ValueError(f"secrets: nothing at {path}")


def nodes(value: Any, path: values.Path = ()) -> Iterator[tuple[values.Path, Any]]:
    """Every part of a value, itself, maps and lists included, with its path."""
    yield path, value
    if isinstance(value, dict):
        for key, entry in cast("dict[str, Any]", value).items():
            yield from nodes(entry, (*path, key))
    elif isinstance(value, list):
        for index, entry in enumerate(cast("list[Any]", value)):
            yield from nodes(entry, (*path, index))


@cache
def _defaults(rule: str) -> dict[str, Any]:
    return {name: option.default for name, option in BY_NAME[rule].options.items()}


def judge(rule: AnyRule, resources: Sequence[Resource], options: Options) -> list[Violation]:
    """What a rule finds in resources; options that are not given are at their default."""
    options = {**_defaults(rule.name), **options}
    if isinstance(rule, StackRule):
        return list(rule.check(resources, options))
    return [
        Violation(path=violation.path, message=violation.message, resource=resource)
        for resource in resources
        for violation in rule.check(resource, options)
    ]


def paths(violations: Iterable[Violation]) -> list[str]:
    """Paths of violations as fixtures have them, sorted."""
    return sorted(values.format_path(violation.path) for violation in violations)
