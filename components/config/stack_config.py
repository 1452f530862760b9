"""The configuration of one stack as the engine has it, for the program that runs and for operators."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pulumi
import yaml
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret

from .pulumi_command import PulumiError, run_pulumi
from .stack_file import stored


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """The values of one stack, defaults of Pulumi.yaml included."""

    project: str
    """Name of the project, which is the namespace of its settings."""
    stack: str
    """Name of the stack, without organisation and project."""
    values: Mapping[str, str] = field(repr=False)
    """Values by key (`goservice:image`): JSON for the sections of the project, else text."""
    secret: Collection[str]
    """Keys of those that hold a secret."""

    @property
    def sections(self) -> dict[str, str]:
        """JSON objects of the project by section."""
        return self._of(self.project)

    @property
    def provider(self) -> dict[str, str]:
        """Settings of the stack for the default provider of Kubernetes, `kubernetes:context` as `context`."""
        return self._of("kubernetes")

    @property
    def file(self) -> Path:
        """The stack file, which need not exist."""
        return Path(f"Pulumi.{self.stack}.yaml")

    def is_secret(self, section: str) -> bool:
        """Whether a section of the project holds a secret."""
        return f"{self.project}:{section}" in self.secret

    def stored(self, section: str) -> Any:
        """A section of the project as the stack file has it; None if it is not there."""
        return stored(self.file, f"{self.project}:{section}")

    def _of(self, namespace: str) -> dict[str, str]:
        parts = ((key.partition(":"), text) for key, text in self.values.items())
        return {name: text for (space, _, name), text in parts if space == namespace}


def running_config() -> StackConfig:
    """The configuration of the stack that this program runs for."""
    values = get_config_env() | CONFIG.get()
    return StackConfig(
        project=pulumi.get_project(),
        stack=pulumi.get_stack(),
        values=values,
        secret=frozenset(key for key in values if is_config_secret(key)),
    )


def config_of(stack: str) -> StackConfig:
    """The configuration of a stack of the project in this folder, from the `pulumi` on PATH.

    Secrets are decrypted, and not printed. Raises PulumiError.
    """
    file = Path("Pulumi.yaml")
    if not file.is_file():
        raise PulumiError("there is no Pulumi.yaml in this folder; run this in the folder of the program")
    project = cast("dict[str, Any]", yaml.safe_load(file.read_text()))["name"]
    shown = run_pulumi("config", "--json", "--show-secrets", "--stack", stack)
    entries = cast("dict[str, dict[str, Any]]", json.loads(shown))
    return StackConfig(
        project=project,
        stack=stack.rpartition("/")[2],
        values={key: entry["value"] for key, entry in entries.items()},
        secret=frozenset(key for key, entry in entries.items() if entry.get("secret")),
    )
