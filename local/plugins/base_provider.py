"""The interface a stand-in plugin implements, and the errors it raises."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from local.plugins.base_diff import Diff, diff_values
from local.plugins.base_values import Values

Severity: TypeAlias = Literal["debug", "info", "warning", "error"]


class PluginError(Exception):
    """An error the user can act on. Its text reaches them as it is, without a traceback."""


class PartialFailure(PluginError):  # noqa: N818 - named after what the engine calls it
    """The resource exists but did not become what was asked for; the engine keeps its state and the reasons.

    `inputs` are the inputs that are really in force; only a failing `read` needs them.
    """

    def __init__(
        self, id: str, outputs: Values, reasons: Sequence[str], inputs: Values | None = None
    ) -> None:
        super().__init__("; ".join(reasons))
        self.id = id
        self.outputs = outputs
        self.reasons = list(reasons)
        self.inputs = inputs


@dataclass(frozen=True)
class Failure:
    """One reason why inputs are refused. `property` is a property path, empty for the resource as a whole."""

    property: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Autonaming:
    """How the user wants names that the program leaves out to be made.

    `mode` is "propose" (take `name`, changed where the provider must), "enforce" (take `name` as it is) or
    "disable" (a missing name is an error).
    """

    mode: Literal["propose", "enforce", "disable"]
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What one call is about, and its ways to talk to the user while it runs.

    `timeout` is in seconds, `None` where the user gave none. `cancelled` is set once the user interrupts the
    deployment. `log` leaves a line in the resource's diagnostics; `status` replaces the line shown beside the
    running resource.
    """

    urn: str
    type: str
    name: str
    preview: bool = False
    timeout: float | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)
    log: Callable[[Severity, str], None]
    status: Callable[[str], None]


class Provider(ABC):
    """A plugin's behaviour. Every method may raise `PluginError`; calls come from many threads at once."""

    name: str
    version: str
    # True where `check` follows its `autonaming` argument.
    supports_autonaming: bool = False

    def check_config(self, olds: Values, news: Values) -> tuple[Values, list[Failure]]:  # noqa: ARG002
        """Check the provider's own configuration. By default anything is taken."""
        return news, []

    def diff_config(self, old_inputs: Values, news: Values) -> Diff:
        """Compare two configurations. By default a change never replaces the resources of the provider."""
        return Diff(changes=diff_values(old_inputs, news))

    def configure(self, args: Values) -> None:  # noqa: B027 - most plugins need none
        """Take the configuration, all of it known. Nested values arrive as JSON text."""

    @abstractmethod
    def check(
        self, ctx: Context, olds: Values, news: Values, random_seed: bytes, autonaming: Autonaming | None
    ) -> tuple[Values, list[Failure]]:
        """Check the inputs and fill in defaults. `olds` are those last checked, empty for a new resource."""

    @abstractmethod
    def diff(  # noqa: PLR0917 - a call's parts, as the protocol has them
        self,
        ctx: Context,
        id: str,
        old_inputs: Values,
        old_outputs: Values,
        news: Values,
        ignore_changes: Sequence[str],
    ) -> Diff:
        """Compare the state with checked inputs. The engine has already undone the changes to be ignored."""

    @abstractmethod
    def create(self, ctx: Context, inputs: Values) -> tuple[str, Values]:
        """Make the resource and return its id and outputs. A preview changes nothing and returns unknowns."""

    @abstractmethod
    def read(
        self,
        ctx: Context,
        id: str,
        inputs: Values,
        state: Values,
    ) -> tuple[str, Values, Values] | None:
        """Return id, inputs and outputs as they really are, or `None` if the resource is gone.

        `inputs` and `state` are empty when a resource is imported.
        """

    @abstractmethod
    def update(
        self,
        ctx: Context,
        id: str,
        old_inputs: Values,
        old_outputs: Values,
        news: Values,
    ) -> Values:
        """Change the resource and return its new outputs. A preview changes nothing and returns unknowns."""

    @abstractmethod
    def delete(self, ctx: Context, id: str, old_inputs: Values, old_outputs: Values) -> None:
        """Remove the resource. One that is gone already is no error."""

    def cancel(self) -> None:  # noqa: B027 - most plugins watch `Context.cancelled` alone
        """Take note that the user interrupts the deployment; running calls have `cancelled` set already."""

    def invoke(self, ctx: Context, token: str, args: Values) -> Values | list[Failure]:  # noqa: ARG002
        """Call a function. By default there is none."""
        raise PluginError(f"the {self.name} plugin has no function {token!r}")


def urn_parts(urn: str) -> tuple[str, str]:
    """The type and the name in a URN (`urn:pulumi:stack::project::parent$type::name`)."""
    parts = urn.split("::", 3)
    if len(parts) != 4:
        raise ValueError(f"not a URN: {urn!r}")
    return parts[2].rsplit("$", 1)[-1], parts[3]
