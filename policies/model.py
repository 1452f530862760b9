"""What a rule is: pure functions from resources to violations, and all there is to say about them."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .values import Path, get, shown

Severity = Literal["low", "medium", "high", "critical"]
Standard = Literal["baseline", "restricted"]
STANDARDS_VERSION = "1.37"
"""Version of the Pod Security Standards, Kubernetes' own, that the rules implement."""
Options = Mapping[str, Any]
"""Values of a rule's options by name, defaults filled in."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource to judge, with plain properties (see values.py)."""

    type: str
    """Pulumi's type token, `kubernetes:apps/v1:Deployment`."""
    name: str
    """Name people know it by: Pulumi's, or namespace/name of a manifest."""
    props: Mapping[str, Any]
    """Inputs; of a Kubernetes object the manifest."""
    secrets: frozenset[Path] = frozenset()
    """Paths of the properties that the engine keeps secret."""
    origin: str = ""
    """Where it comes from: URN, or file and line."""

    @property
    def kind(self) -> str:
        """Kind of a Kubernetes object (`Deployment`); empty for others."""
        return self.type.rpartition(":")[2] if self.type.startswith("kubernetes:") else ""

    @property
    def group(self) -> str:
        """API group of a Kubernetes object (`apps`, `core`); empty for others."""
        return self.type.split(":")[1].split("/")[0] if self.kind else ""

    def is_secret(self, path: Path) -> bool:
        """Whether a property, or something it is part of, is kept secret."""
        return any(path[:length] in self.secrets for length in range(len(path) + 1))

    def place(self, path: Path) -> str:  # noqa: ARG002 - manifests know more
        """Where a property is written, as near as is known: the origin, or file and line of the property."""
        return self.origin

    def quoted(self, path: Path) -> str:
        """The value at a path as a message may name it: JSON, and no secret."""
        if self.is_secret(path) or any(secret[: len(path)] == path for secret in self.secrets):
            return "a secret"
        return json.dumps(get(self.props, *path), default=str)


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One thing that is wrong."""

    path: Path
    """Where in the properties."""
    message: str
    """What is wrong there, the value named where it is no secret; the rule itself has the why and the fix."""
    resource: Resource | None = None
    """Whose properties; of a resource rule the one it was given."""

    def __str__(self) -> str:
        return f"{shown(self.path)}: {self.message}" if self.path else self.message


ResourceCheck = Callable[[Resource, Options], Iterator[Violation]]
StackCheck = Callable[[Sequence[Resource], Options], Iterator[Violation]]


@dataclass(frozen=True, kw_only=True)
class Option:
    """A threshold or an allow-list that configuration may set."""

    schema: Mapping[str, Any]
    """JSON schema of the value."""
    default: Any
    """Value if it is not set."""
    meaning: str
    """What it does, with its unit."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What both kinds of rules have."""

    name: str
    """Subject and what it looks at: `pod-host-ports`."""
    asks: str
    """What has to hold, one sentence."""
    why: str
    """What goes wrong otherwise, one sentence."""
    remedy: str
    """What to change, one sentence."""
    example: str
    """Properties that keep the rule, YAML."""
    severity: Severity
    """How bad breaking it is."""
    control: str = ""
    """Name of the control that it implements in the Pod Security Standards, as worded there."""
    standard: Standard | None = None
    """Profile of the Pod Security Standards the control belongs to."""
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])
    """What configuration may set, by name."""


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule):
    """A rule about each resource by itself."""

    check: ResourceCheck
    """Finds what is wrong; nothing for resources it is not about. Never raises."""
    fix: Callable[[Resource], dict[str, Any] | None] | None = None
    """Properties with the certain fix made, None when there is nothing to fix. Runs only where configured."""


@dataclass(frozen=True, kw_only=True)
class StackRule(Rule):
    """A rule about resources together."""

    check: StackCheck
    """Finds what is wrong, each violation with its resource. Never raises."""
