"""Rules as policies: what they are called, what they report, and what they fix."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pulumi_policy import (
    EnforcementLevel,
    PolicyCustomTimeouts,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Secret,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.proxy import UNKNOWN_NUMBER_VALUE, UNKNOWN_STRING_VALUE, unknown_checking_proxy

from policies import pack
from policies.catalog import RULES, AnyRule
from policies.model import STANDARDS_VERSION
from policies.pack import Pack
from policies.reports import results

from .sample_rules import ALONE, BROKEN, CLEAR, LIMIT
from .test_properties import secret

TODAY = date(2030, 1, 31)
OPTIONS = PolicyResourceOptions(
    protect=False,
    ignore_changes=[],
    delete_before_replace=None,
    aliases=[],
    custom_timeouts=PolicyCustomTimeouts(0, 0, 0),
    additional_secret_outputs=[],
)


class Engine:
    """Calls policies as the library does for the engine, and keeps what they report."""

    def __init__(self, *rules: AnyRule, results: Path | None = None) -> None:
        self.policies = {each.name: each for each in Pack(rules, results=results, today=TODAY).policies}
        self.reported: list[tuple[str, str | None]] = []

    def resource(
        self, policy: str, props: dict[str, Any], config: dict[str, Any] | None = None, name: str = "box"
    ) -> list[tuple[str, str | None]]:
        """What one policy reports of a resource. Secrets are gone by then, as the library has it."""
        checked = self.policies[policy]
        assert isinstance(checked, ResourceValidationPolicy)
        plain = unknown_checking_proxy(deserialize_properties(props))
        self.reported = []
        checked.validate(self._args(plain, config, name), self._report)
        return self.reported

    def remediated(self, policy: str, props: dict[str, Any], name: str = "box") -> Any:
        """What one policy makes of a resource; None for no change."""
        fixing = self.policies[policy]
        assert isinstance(fixing, ResourceValidationPolicy)
        return fixing.remediate(self._args(deserialize_properties(props, proxy_secrets=True), None, name))

    def stack(self, policy: str, *outputs: tuple[str, dict[str, Any]]) -> list[tuple[str, str | None]]:
        """What one policy reports of a stack whose resources have these names and outputs."""
        checked = self.policies[policy]
        assert isinstance(checked, StackValidationPolicy)
        resources = [
            PolicyResource(
                "acme:index:Thing",
                unknown_checking_proxy(props),
                urn(name),
                name,
                OPTIONS,
                None,
                None,
                [],
                {},
            )
            for name, props in outputs
        ]
        self.reported = []
        checked.validate(StackValidationArgs(resources), self._report)
        return self.reported

    def _report(self, message: str, about: str | None = None) -> None:
        self.reported.append((message, about))

    def _args(
        self, props: Mapping[str, Any], config: dict[str, Any] | None, name: str
    ) -> ResourceValidationArgs:
        return ResourceValidationArgs("acme:index:Thing", props, urn(name), name, OPTIONS, None, config)


def urn(name: str) -> str:
    return f"urn:pulumi:dev::shop::acme:index:Thing::{name}"


def test_a_policy_says_all_the_rule_says() -> None:
    policy = Engine(LIMIT).policies["size-limit"]
    assert policy.description == "Things are small."
    assert policy.severity is Severity.HIGH
    assert policy.remediation_steps == "Set size: 1 <or less>."
    assert policy.tags == ["size", "baseline"]
    assert policy.framework is not None
    assert policy.framework.name == "Kubernetes Pod Security Standards"
    assert policy.framework.version == STANDARDS_VERSION
    assert (policy.framework.reference, policy.framework.specification) == ("Size", "baseline")
    assert policy.config_schema is not None
    assert policy.config_schema.properties["most"] == {
        "type": "integer",
        "minimum": 1,
        "default": 3,
        "description": "Largest size.",
    }
    assert policy.config_schema.properties["exemptions"]["items"]["required"] == [
        *("resource", "reason", "expires"),
    ]


def test_every_rule_is_a_policy_and_one_policy_knows_the_secrets() -> None:
    policies = pack.policies()
    assert [policy.name for policy in policies] == [*(rule.name for rule in RULES), "secret-paths"]
    assert policies[-1].enforcement_level is EnforcementLevel.REMEDIATE


def test_a_violation_says_what_where_why_and_the_fix() -> None:
    assert Engine(LIMIT).resource("size-limit", {"size": 4.0}) == [
        (
            "size: is 4, more than 3\nWhy: Large ones | break *shelves*.\nFix: Set size: 1 <or less>.",
            urn("box"),
        )
    ]


def test_options_come_from_the_configuration() -> None:
    engine = Engine(LIMIT)
    assert engine.resource("size-limit", {"size": 4.0}, {"most": 4.0}) == []
    assert engine.resource("size-limit", {"size": 5.0}, {"most": 4.0})[0][0].startswith(
        "size: is 5, more than 4\n"
    )


def test_an_unknown_value_silences_nothing_else() -> None:
    engine = Engine(LIMIT)
    assert engine.resource("size-limit", {"size": UNKNOWN_NUMBER_VALUE}) == []
    assert len(engine.resource("size-limit", {"size": 4.0, "other": [{"name": UNKNOWN_STRING_VALUE}]})) == 1


def test_a_secret_is_told_from_plain_text() -> None:
    engine = Engine(CLEAR)
    for value, count in ((secret("hush"), 0), ("hush", 1)):
        engine.remediated("secret-paths", {"token": value})
        assert len(engine.resource("size-clear", {"token": value})) == count


def test_learning_what_is_secret_changes_nothing() -> None:
    assert Engine().remediated("secret-paths", {"token": secret("hush")}) is None


def test_without_the_secrets_nothing_is_called_clear_and_that_is_told_once() -> None:
    engine = Engine(CLEAR)
    assert engine.resource("size-clear", {"token": "hush"}) == []
    ((message, about),) = engine.resource("secret-paths", {"token": "hush"})
    assert '"secret-paths": "remediate"' in message
    assert about == urn("box")
    assert engine.resource("secret-paths", {"token": "hush"}, name="other") == []


def test_with_the_secrets_that_policy_is_content() -> None:
    engine = Engine()
    engine.remediated("secret-paths", {})
    assert engine.resource("secret-paths", {}) == []


def test_an_exempted_resource_is_not_reported() -> None:
    exemption = {"resource": "box", "reason": "old", "expires": "2030-01-31"}
    engine = Engine(LIMIT)
    assert engine.resource("size-limit", {"size": 4.0}, {"exemptions": [exemption]}) == []
    assert len(engine.resource("size-limit", {"size": 4.0}, {"exemptions": [exemption]}, name="other")) == 1


def test_an_exemption_that_is_over_is_reported_as_such() -> None:
    exemption = {"resource": "box", "reason": "old", "expires": "2030-01-30"}
    ((message, _),) = Engine(LIMIT).resource("size-limit", {"size": 4.0}, {"exemptions": [exemption]})
    assert "(its exemption expired on 2030-01-30: old)" in message


def test_a_wrong_configuration_is_reported_and_the_rule_holds() -> None:
    wrong = {"resource": "box", "reason": "old", "expires": "2030-02-31"}
    first, second = Engine(LIMIT).resource("size-limit", {"size": 4.0}, {"exemptions": [wrong], "most": 9.0})
    assert "size-limit.exemptions[0].expires: '2030-02-31' is not a date" in first[0]
    assert second[0].startswith("size: is 4, more than 3\n")


def test_a_rule_that_raises_is_reported_and_does_not_end_the_run() -> None:
    first, second = Engine(BROKEN).resource("size-broken", {"token": "hush"})
    assert first[0].startswith("size: was seen\n")
    assert second[0].startswith("size-broken could not check it: KeyError in sample_rules.py:")


def test_a_fix_makes_a_secret() -> None:
    fixed = Engine(CLEAR).remediated("size-clear", {"token": "hush", "later": UNKNOWN_STRING_VALUE})
    assert isinstance(fixed["token"], Secret)
    assert fixed["token"].value == "hush"
    assert fixed["later"] == UNKNOWN_STRING_VALUE


def test_a_fix_of_what_is_right_changes_nothing() -> None:
    assert Engine(CLEAR).remediated("size-clear", {"token": secret("hush")}) is None


def test_a_fix_that_raises_is_reported_by_the_check() -> None:
    engine = Engine(BROKEN)
    assert engine.remediated("size-broken", {"token": "hush"}) is None
    messages = [message for message, _ in engine.resource("size-broken", {"token": "hush"})]
    assert messages[-1].startswith("the automatic fix failed: KeyError in sample_rules.py:")
    assert "hush" not in "".join(messages)


def test_a_rule_without_a_fix_has_no_remediation() -> None:
    policy = Engine(LIMIT).policies["size-limit"]
    assert isinstance(policy, ResourceValidationPolicy)
    assert not policy.has_remediation()
    assert policy.has_validation()


def test_a_stack_rule_judges_inputs_where_there_were_any() -> None:
    engine = Engine(LIMIT, ALONE)
    engine.resource("size-limit", {"size": 1.0}, name="box")
    twice = [("box", {"size": 9.0}), ("box", {"size": UNKNOWN_NUMBER_VALUE}), ("other", {})]
    reported = engine.stack("stack-alone", *twice, ("far", {"size": 7.0}), ("far", {"size": 7.0}))
    assert [(message.splitlines()[0], about) for message, about in reported] == [
        *[("box is there twice, 1 cm", urn("box"))] * 2,
        *[("far is there twice, 7 cm", urn("far"))] * 2,
    ]
    assert engine.stack("stack-alone", ("box", {}), ("other", {})) == []


def test_findings_are_written_for_the_summary(tmp_path: Path) -> None:
    file = tmp_path / "results"
    engine = Engine(LIMIT, ALONE, results=file)
    exemption = {"resource": "old", "reason": "It is old.", "expires": "2030-01-31"}
    for name, size in (("box", 4.0), ("box", 5.0), ("old", 9.0), ("small", 1.0)):
        engine.resource("size-limit", {"size": size}, {"exemptions": [exemption]}, name=name)
    engine.stack("stack-alone", ("box", {}), ("box", {}))
    found = results.read(file)
    assert found.rules == {"size-limit", "stack-alone"}
    assert found.resources == 3
    assert [(each.rule, each.name, each.message) for each in found.findings] == [
        ("size-limit", "box", "is 5, more than 3"),
        ("size-limit", "old", "is 9, more than 3"),
        ("stack-alone", "box", "box is there twice, 5 cm"),
        ("stack-alone", "box", "box is there twice, 5 cm"),
    ]
    assert [each.exemption and each.exemption.reason for each in found.findings[:2]] == [None, "It is old."]


def test_results_are_begun_anew_in_the_folder_around_the_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "results").write_text("of another run")
    monkeypatch.setattr(pack, "ROOT", tmp_path)
    monkeypatch.setenv(results.FILE, "results")
    pack.policies()
    assert (tmp_path / "results").read_text() == ""


@pytest.mark.parametrize("text", ["no json\n", "[]\n", '{"rule": "x"}\n'])
def test_a_file_of_another_kind_is_no_result(tmp_path: Path, text: str) -> None:
    file = tmp_path / "results"
    file.write_text(text)
    with pytest.raises(
        results.ResultsError, match="not written by the pack; run the engine with POLICY_RESULTS="
    ):
        results.read(file)


def test_a_missing_file_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(results.ResultsError, match="none: No such file or directory"):
        results.read(tmp_path / "none")
