"""Rules on resources: findings, exemptions and rules that break."""

from datetime import date

from policies.judging.config import Settings
from policies.judging.exemptions import Exemption
from policies.judging.findings import Finding, findings

from .sample_rules import ALONE, BROKEN, LIMIT, thing

TODAY = date(2030, 1, 31)
SETTINGS = Settings(options={"most": 3})


def exempting(resource: str, expires: date) -> Settings:
    exemption = Exemption(resource=resource, reason="It is old.", expires=expires)
    return Settings(options={"most": 3}, exemptions=(exemption,))


def test_a_resource_rule_judges_each_resource() -> None:
    found = list(findings(LIMIT, [thing("a", size=4), thing("b", size=3)], SETTINGS, TODAY))
    assert found == [
        Finding(
            rule="size-limit",
            type="acme:index:Thing",
            name="a",
            origin="things.yaml:3",
            path="size",
            message="is 4, more than 3",
        )
    ]
    assert str(found[0]) == "size: is 4, more than 3"


def test_a_stack_rule_judges_all_together() -> None:
    found = list(findings(ALONE, [thing("a"), thing("a"), thing("b")], Settings(), TODAY))
    assert [(each.name, str(each)) for each in found] == [("a", "a is there twice, None cm")] * 2


def test_an_exemption_lets_its_resource_through_and_no_other() -> None:
    settings = exempting("a", TODAY)
    a, b = findings(LIMIT, [thing("a", size=4), thing("b", size=4)], settings, TODAY)
    assert a.exemption == settings.exemptions[0]
    assert b.exemption is None


def test_an_exemption_that_is_over_says_so() -> None:
    (found,) = findings(LIMIT, [thing("a", size=4)], exempting("a", date(2030, 1, 30)), TODAY)
    assert found.exemption is None
    assert found.message == "is 4, more than 3 (its exemption expired on 2030-01-30: It is old.)"


def test_a_second_exemption_counts_after_one_that_is_over() -> None:
    over, holds = (exempting("a", date(2030, month, 1)).exemptions[0] for month in (1, 3))
    (found,) = findings(
        LIMIT, [thing("a", size=4)], Settings(options={"most": 3}, exemptions=(over, holds)), TODAY
    )
    assert found.exemption == holds


def test_a_rule_that_raises_is_a_finding_without_the_values_it_saw() -> None:
    found = list(findings(BROKEN, [thing("a", token="hush"), thing("b", token="hush")], Settings(), TODAY))
    assert [(each.name, each.path) for each in found] == [("a", "size"), ("a", ""), ("b", "size"), ("b", "")]
    assert found[1].message.startswith("size-broken could not check it: KeyError in sample_rules.py:")
    assert "hush" not in "".join(each.message for each in found)
