"""The rules as a policy pack for the Pulumi engine."""

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pulumi_policy
from pulumi_policy import (
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    PolicyResource,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from . import values
from .catalog import RULES, AnyRule
from .judging import config
from .judging.config import ConfigError, Settings
from .judging.findings import Finding, describe_error, findings
from .model import STANDARDS_VERSION, Resource, ResourceRule, StackRule
from .properties import unwrap, whole_numbers
from .reports import results

ROOT = Path(__file__).parents[1]
STANDARDS = "Kubernetes Pod Security Standards"

Report = Callable[[str, str | None], None]
"""Reports a violation to the engine: message, and URN of the resource."""

ALL_SECRET: frozenset[values.Path] = frozenset({()})
"""Used where the secrets are unknown: every property may be secret."""
SECRETS_UNKNOWN = f"""\
Its enforcement level is not `remediate`, so the engine does not pass which properties are secret.
Fix: set "{config.SECRET_PATHS}": "remediate" in the policy configuration; it changes no property."""


class Pack:
    """The policies, and the state they share during one run of the engine.

    results: file to append findings to, or None. today: decides which exemptions have expired.
    """

    def __init__(self, rules: Iterable[AnyRule], *, results: Path | None, today: date) -> None:
        self._results = results
        self._today = today
        self._resources: dict[str, Resource] = {}
        self._secrets: dict[str, frozenset[values.Path]] = {}
        self._failed_fixes: dict[tuple[str, str], str] = {}
        self._secrets_reported = False
        # Last: it has to see the properties that the other remediations return.
        self.policies: list[Policy] = [*map(self._policy, rules), self._secret_paths()]

    def _policy(self, rule: AnyRule) -> Policy:
        described: dict[str, Any] = {
            "name": rule.name,
            "description": rule.asks,
            "config_schema": PolicyConfigSchema(config.option_schemas(rule)),
            "severity": pulumi_policy.Severity(rule.severity),
            "framework": _framework(rule),
            "tags": [rule.name.partition("-")[0], *([rule.standard] if rule.standard else [])],
            "remediation_steps": rule.remedy,
        }
        if isinstance(rule, StackRule):
            return StackValidationPolicy(validate=self._stack_check(rule), **described)
        return ResourceValidationPolicy(
            validate=self._resource_check(rule),
            remediate=self._fix(rule) if rule.fix else None,
            **described,
        )

    def _resource_check(self, rule: ResourceRule) -> Callable[[ResourceValidationArgs, Report], None]:
        def validate(args: ResourceValidationArgs, report: Report) -> None:
            resource = self._resource(args)
            self._report_findings(rule, [resource], args.get_config(), report)
            if (rule.name, args.urn) in self._failed_fixes:
                report(f"the automatic fix failed: {self._failed_fixes[rule.name, args.urn]}", args.urn)

        return validate

    def _stack_check(self, rule: StackRule) -> Callable[[StackValidationArgs, Report], None]:
        def validate(args: StackValidationArgs, report: Report) -> None:
            # Inputs where this run has seen them; resources that are not part of this run have outputs only.
            resources = [self._resources.get(each.urn) or _from_outputs(each) for each in args.resources]
            self._report_findings(rule, resources, args.get_config(), report)

        return validate

    def _report_findings(
        self, rule: AnyRule, resources: list[Resource], given: Mapping[str, Any], report: Report
    ) -> None:
        try:
            settings = config.settings(rule, whole_numbers(given))
        except ConfigError as error:
            report(f"its configuration is invalid, so its options and exemptions are ignored:\n{error}", None)
            settings = Settings(options={name: option.default for name, option in rule.options.items()})
        found = list(findings(rule, resources, settings, self._today))
        results.write(self._results, rule.name, resources, found)
        for finding in found:
            if not finding.exemption:
                report(message(rule, finding), finding.origin or None)

    def _fix(self, rule: ResourceRule) -> Callable[[ResourceValidationArgs], Any]:
        def remediate(args: ResourceValidationArgs) -> Mapping[str, Any] | None:
            given = unwrap(args.props)
            resource = Resource(
                type=args.resource_type,
                name=args.name,
                props=given.props,
                secrets=given.secrets,
                origin=args.urn,
            )
            try:
                fixed = rule.fix(resource) if rule.fix else None
            except Exception as error:  # noqa: BLE001 - reported by the check, which follows
                self._failed_fixes[rule.name, args.urn] = describe_error(error)
                return None
            return None if fixed is None else given.wrap(fixed)

        return remediate

    def _secret_paths(self) -> Policy:
        """Records which properties are secret: the engine passes that to remediations only."""

        def remediate(args: ResourceValidationArgs) -> None:
            self._secrets[args.urn] = unwrap(args.props).secrets

        def validate(args: ResourceValidationArgs, report: Report) -> None:
            if args.urn not in self._secrets and not self._secrets_reported:
                self._secrets_reported = True
                report(SECRETS_UNKNOWN, args.urn)

        return ResourceValidationPolicy(
            name=config.SECRET_PATHS,
            description="Records which properties are secret, for the other rules.",
            enforcement_level=pulumi_policy.EnforcementLevel.REMEDIATE,
            validate=validate,
            remediate=remediate,
        )

    def _resource(self, args: ResourceValidationArgs) -> Resource:
        resource = Resource(
            type=args.resource_type,
            name=args.name,
            props=whole_numbers(values.plain(args.props, UnknownValueError)),
            secrets=self._secrets.get(args.urn, ALL_SECRET),
            origin=args.urn,
        )
        self._resources[args.urn] = resource
        return resource


def message(rule: AnyRule, finding: Finding) -> str:
    """Text that the engine shows below the rule's name and requirement."""
    return f"{finding}\nWhy: {rule.why}\nFix: {rule.remedy}"


def policies() -> list[Policy]:
    """All policies. Empties the file that POLICY_RESULTS names, if it is set."""
    file = os.environ.get(results.FILE)
    # The engine starts the pack in policies/, but POLICY_RESULTS is relative to the project.
    path = ROOT / file if file else None
    if path:
        path.write_text("")
    return Pack(RULES, results=path, today=datetime.now(UTC).date()).policies


def _from_outputs(resource: PolicyResource) -> Resource:
    return Resource(
        type=resource.resource_type,
        name=resource.name,
        props=whole_numbers(values.plain(resource.props, UnknownValueError)),
        secrets=ALL_SECRET,
        origin=resource.urn,
    )


def _framework(rule: AnyRule) -> PolicyComplianceFramework | None:
    if not rule.standard:
        return None
    return PolicyComplianceFramework(
        name=STANDARDS,
        version=STANDARDS_VERSION,
        reference=rule.control,
        specification=rule.standard,
    )
