"""Configuration of rules: levels, options and exemptions, and what is said about wrong ones."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policies.catalog import RULES
from policies.judging import config
from policies.judging.config import ConfigError, Settings
from policies.judging.exemptions import Exemption

from .sample_rules import ALONE, LIMIT, thing

POLICIES = Path(__file__).parents[2] / "policies"
GOOD = {"resource": "box", "reason": "It is old.", "expires": "2030-01-31"}


def problems(given: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        config.every([LIMIT, ALONE], given)
    return caught.value.problems


def test_without_configuration_all_is_mandatory_with_default_options() -> None:
    assert config.every([LIMIT, ALONE], {}) == {
        "size-limit": Settings(level="mandatory", options={"most": 3}),
        "stack-alone": Settings(),
    }


def test_a_level_is_the_rules_own_or_that_of_all() -> None:
    given = {"all": "advisory", "size-limit": "mandatory", "stack-alone": {"exemptions": [GOOD]}}
    made = config.every([LIMIT, ALONE], given)
    assert (made["size-limit"].level, made["stack-alone"].level) == ("mandatory", "advisory")
    given = {
        "all": {"enforcementLevel": "disabled"},
        "size-limit": {"enforcementLevel": "remediate", "most": 5},
    }
    made = config.every([LIMIT, ALONE], given)
    assert made["size-limit"] == Settings(level="remediate", options={"most": 5})
    assert made["stack-alone"].level == "disabled"


def test_exemptions_are_read() -> None:
    made = config.every([LIMIT], {"size-limit": {"exemptions": [GOOD]}})["size-limit"]
    assert made.exemptions == (Exemption(resource="box", reason="It is old.", expires=date(2030, 1, 31)),)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"size-limt": "mandatory"}, "size-limt: there is no such rule; did you mean size-limit?"),
        ({"zzz": "mandatory"}, "zzz: there is no such rule"),
        (
            {"all": "strict"},
            "all: 'strict' is not an enforcement level; use one of advisory, mandatory, remediate, disabled",
        ),
        (
            {"size-limit": {"enforcementLevel": 3}},
            "size-limit: 3 is not an enforcement level; use one of advisory, mandatory, remediate, disabled",
        ),
        ({"size-limit": {"most": "many"}}, "size-limit.most: 'many' is not of type integer"),
        ({"size-limit": {"most": 0}}, "size-limit.most: 0 is less than 1"),
        ({"size-limit": {"least": 1}}, "size-limit: `least` is unknown; known are `most`, `exemptions`"),
        ({"size-limit": {"exemptions": GOOD}}, f"size-limit.exemptions: {GOOD} is not of type array"),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, Any], problem: str) -> None:
    assert problems(given) == (problem,)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"reason": None}, "size-limit.exemptions[0]: `reason` is missing"),
        ({"reason": "  "}, "size-limit.exemptions[0].reason: is empty"),
        ({"resource": ""}, "size-limit.exemptions[0].resource: is empty"),
        ({"expires": None}, "size-limit.exemptions[0]: `expires` is missing"),
        (
            {"expires": "31.01.2030"},
            "size-limit.exemptions[0].expires: '31.01.2030' does not match ^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        ),
        (
            {"expires": "2030-02-31"},
            "size-limit.exemptions[0].expires: '2030-02-31' is not a date; write YYYY-MM-DD",
        ),
        (
            {"until": "2030-01-31"},
            "size-limit.exemptions[0]: `until` is unknown; known are `resource`, `reason`, `expires`",
        ),
    ],
)
def test_an_exemption_needs_a_resource_a_reason_and_a_day(change: dict[str, Any], problem: str) -> None:
    exemption = {key: value for key, value in (GOOD | change).items() if value is not None}
    assert problems({"size-limit": {"exemptions": [exemption]}}) == (problem,)


def test_all_problems_are_told_at_once() -> None:
    assert (
        len(problems({"size": "mandatory", "all": "loud", "size-limit": {"most": 0, "exemptions": [{}]}}))
        == 6
    )


def test_an_exemption_is_about_a_name_or_a_urn_until_its_last_day_is_over() -> None:
    exemption = Exemption(resource="box", reason="old", expires=date(2030, 1, 31))
    assert exemption.covers(thing("box"))
    assert not exemption.covers(thing("boxes"))
    urn = "urn:pulumi:dev::shop::acme:index:Thing::box"
    assert Exemption(resource=urn, reason="old", expires=date(2030, 1, 31)).covers(thing("other", urn))
    assert not exemption.has_expired(date(2030, 1, 31))
    assert exemption.has_expired(date(2030, 2, 1))


@pytest.mark.parametrize(
    ("text", "problem"),
    [("{", "not JSON: "), ("[]", "a configuration has to be an object with rule names as keys")],
)
def test_a_file_that_is_no_configuration_is_named(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "bad.json"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        config.read(file)
    assert str(caught.value).startswith(f"{file}: {problem}")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.json: No such file or directory"):
        config.read(tmp_path / "none.json")


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_our_own_configurations_name_our_rules_and_exempt_nothing(stack: str) -> None:
    made = config.every(RULES, config.read(POLICIES / f"{stack}.json"))
    assert {each.level for each in made.values()} == {{"dev": "advisory", "prod": "mandatory"}[stack]}
    assert not any(each.exemptions for each in made.values())
    assert json.loads((POLICIES / f"{stack}.json").read_text())[config.SECRET_PATHS] == "remediate"


def test_every_rule_takes_its_own_defaults() -> None:
    for rule in RULES:
        defaults = {name: option.default for name, option in rule.options.items()}
        assert config.settings(rule, defaults).options == defaults, rule.name
