"""Every rule, on fixtures that keep it and that break it, and on what previews and people make of them."""

import pathlib
from collections.abc import Iterable
from copy import deepcopy
from types import MappingProxyType

import pytest

from policies.catalog import BY_NAME as RULES
from policies.catalog import AnyRule
from policies.model import Options, Resource, ResourceRule, StackRule, Violation
from policies.reading import workloads
from policies.values import UNKNOWN, Path, format_path, get, leaves

from .fixture_files import FIXTURES, Fixture, fixtures, judge, paths, read
from .mutations import SECRET, Mutation, oddities, secrets, unknowns, with_props, wrapped, wrapped_path

KINDS = [key for key in workloads.TEMPLATES if key != ("core", "Pod")]
OWN, OTHERS = 200, 8
"""How many odd shapes of a fixture its own rule sees at most, and how many all rules see."""

every_fixture = pytest.mark.parametrize("fixture", fixtures(), ids=str)
pod_fixtures = pytest.mark.parametrize(
    "fixture", [each for each in fixtures() if any(one.kind == "Pod" for one in each.resources)], ids=str
)
fixable = pytest.mark.parametrize(
    "fixture", [each for each in fixtures() if getattr(RULES.get(each.rule), "fix", None)], ids=str
)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("verdict", ["good", "bad"])
def test_rule_has_fixtures(rule: str, verdict: str) -> None:
    assert any((FIXTURES / rule / verdict).glob("*.yaml")), (
        f"tests/policies/fixtures/{rule}/{verdict}/ is empty"
    )


def test_fixtures_are_about_rules() -> None:
    assert {folder.name for folder in FIXTURES.iterdir()} <= set(RULES)


@every_fixture
def test_verdict(fixture: Fixture) -> None:
    found = judge(RULES[fixture.rule], fixture.resources, fixture.options)
    assert paths(found) == list(fixture.violates)
    assert all(violation.message for violation in found)


@pod_fixtures
def test_verdict_is_the_same_in_every_kind(fixture: Fixture) -> None:
    rule = RULES[fixture.rule]
    found = judge(rule, fixture.resources, fixture.options)
    for group, kind in KINDS:
        expected: list[str] = []
        for violation in found if not fixture.kinds or kind in fixture.kinds else []:
            in_pod = violation.resource and violation.resource.kind == "Pod"
            path = format_path(violation.path)
            expected.append(wrapped_path(path, group, kind) if in_pod else path)
        resources = [wrapped(one, group, kind) if one.kind == "Pod" else one for one in fixture.resources]
        assert paths(judge(rule, resources, fixture.options)) == sorted(expected), kind


@every_fixture
def test_unknown_values_add_nothing(fixture: Fixture) -> None:
    """An unknown value may be the one that it stands for, so whatever a rule newly finds is made up."""
    before = {name: _places(judge(rule, fixture.resources, {})) for name, rule in RULES.items()}
    for mutation in unknowns(fixture.resources):
        for name, rule in RULES.items():
            added = _places(_judged(rule, mutation)) - before[name]
            assert not added, f"{name} judges an unknown value: {_unknown(mutation.changed)}"


@every_fixture
def test_secrets_are_not_shown(fixture: Fixture) -> None:
    for mutation in secrets(fixture.resources):
        for name, rule in RULES.items():
            for violation in _judged(rule, mutation):
                assert SECRET not in str(violation), name


@every_fixture
def test_odd_shapes_are_borne(fixture: Fixture) -> None:
    for mutation in oddities(fixture.resources, OWN):
        _judged(RULES[fixture.rule], mutation, fixture.options)
    for mutation in oddities(fixture.resources, OTHERS):
        for rule in RULES.values():
            _judged(rule, mutation)


@fixable
def test_fix(fixture: Fixture) -> None:
    rule = _resource_rule(fixture)
    for resource in fixture.resources:
        before = deepcopy(resource.props)
        found = judge(rule, [resource], fixture.options)
        props = rule.fix(resource) if rule.fix else None
        assert resource.props == before
        if not found:
            assert props is None
        if props is not None:
            fixed = with_props(resource, props)
            assert len(judge(rule, [fixed], fixture.options)) < len(found)
            assert rule.fix
            assert rule.fix(fixed) is None


@fixable
def test_fix_leaves_unknown_values_alone(fixture: Fixture) -> None:
    fix = _resource_rule(fixture).fix
    assert fix
    for mutation in unknowns(fixture.resources):
        props = fix(mutation.changed)
        for path in _unknown(mutation.changed) if props else ():
            assert get(with_props(mutation.changed, props).props, *path) is UNKNOWN
    for mutation in oddities(fixture.resources, OWN):
        fix(mutation.changed)


@pytest.mark.parametrize(("folder", "text"), [("good", "# violates: spec\na: 1\n"), ("bad", "a: 1\n")])
def test_fixtures_that_contradict_their_folder(tmp_path: pathlib.Path, folder: str, text: str) -> None:
    file = tmp_path / "pod-rule" / folder / "case.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    with pytest.raises(ValueError, match="a bad fixture says"):
        read(file)


def _resource_rule(fixture: Fixture) -> ResourceRule:
    rule = RULES[fixture.rule]
    assert isinstance(rule, ResourceRule)
    return rule


def _places(violations: Iterable[Violation]) -> set[tuple[str, str]]:
    return {(found.resource.name if found.resource else "", format_path(found.path)) for found in violations}


def _unknown(resource: Resource) -> list[Path]:
    return [path for path, leaf in leaves(resource.props) if leaf is UNKNOWN]


def _judged(rule: AnyRule, mutation: Mutation, options: Options = MappingProxyType({})) -> list[Violation]:
    """What a rule finds; of a rule about each resource by itself only in the changed one."""
    seen = mutation.resources if isinstance(rule, StackRule) else (mutation.changed,)
    return judge(rule, seen, options)
