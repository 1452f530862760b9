"""Rules: pure functions from resources to violations, with their documentation."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .values import Path, format_path, get

Severity = Literal["low", "medium", "high", "critical"]
Standard = Literal["baseline", "restricted"]
STANDARDS_VERSION = "1.37"
"""Kubernetes version whose Pod Security Standards the rules implement."""
Options = Mapping[str, Any]
"""Values of a rule's options by name, including defaults."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource to check, with plain properties (see values.py)."""

    type: str
    """Pulumi type token, such as `kubernetes:apps/v1:Deployment`."""
    name: str
    """Pulumi name, or namespace/name of a manifest."""
    props: Mapping[str, Any]
    """Inputs; for a Kubernetes object, the manifest."""
    secrets: frozenset[Path] = frozenset()
    """Paths of properties marked secret."""
    origin: str = ""
    """URN, or file and line."""

    @property
    def kind(self) -> str:
        """Kind of a Kubernetes object (`Deployment`); empty for other resources."""
        return self.type.rpartition(":")[2] if self.type.startswith("kubernetes:") else ""

    @property
    def group(self) -> str:
        """API group of a Kubernetes object (`apps`, `core`); empty for other resources."""
        return self.type.split(":")[1].split("/")[0] if self.kind else ""

    def is_secret(self, path: Path) -> bool:
        """Whether a property, or a value that contains it, is marked secret."""
        return any(path[:length] in self.secrets for length in range(len(path) + 1))

    def location(self, path: Path) -> str:  # noqa: ARG002 - manifests override this
        """Origin of the resource; for a manifest, file and line of the property."""
        return self.origin

    def quote(self, path: Path) -> str:
        """The value at a path as JSON for a message; `a secret` if any part of it is secret."""
        if self.is_secret(path) or any(secret[: len(path)] == path for secret in self.secrets):
            return "a secret"
        return json.dumps(get(self.props, *path), default=str)


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One violation of a rule."""

    path: Path
    """Property that is wrong."""
    message: str
    """What is wrong with it, without secret values; the rule states why and the fix."""
    resource: Resource | None = None
    """Resource with the property; None if a resource rule means the resource it was given."""

    def __str__(self) -> str:
        return f"{format_path(self.path)}: {self.message}" if self.path else self.message


ResourceCheck = Callable[[Resource, Options], Iterator[Violation]]
StackCheck = Callable[[Sequence[Resource], Options], Iterator[Violation]]


@dataclass(frozen=True, kw_only=True)
class Option:
    """A configurable threshold or allow-list."""

    schema: Mapping[str, Any]
    """JSON schema of the value."""
    default: Any
    """Value if the configuration does not set it."""
    meaning: str
    """One sentence about its effect and unit."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Common part of both kinds of rules."""

    name: str
    """Subject and property, such as `pod-host-ports`; also the key in the configuration."""
    asks: str
    """The requirement, one sentence."""
    why: str
    """The consequence of a violation, one sentence."""
    remedy: str
    """The fix, one sentence."""
    example: str
    """Properties that satisfy the rule, YAML."""
    severity: Severity
    """Severity of a violation."""
    control: str = ""
    """Name of the control in the Pod Security Standards; empty if the rule implements none."""
    standard: Standard | None = None
    """Profile of the Pod Security Standards that contains the control."""
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])
    """Options by name."""


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule):
    """A rule about a single resource."""

    check: ResourceCheck
    """Yields violations; none for resources the rule does not apply to. Never raises."""
    fix: Callable[[Resource], dict[str, Any] | None] | None = None
    """Returns fixed properties, or None if there is nothing to fix. Runs only at level `remediate`."""


@dataclass(frozen=True, kw_only=True)
class StackRule(Rule):
    """A rule about all resources of a stack."""

    check: StackCheck
    """Yields violations, each with its resource. Never raises."""
