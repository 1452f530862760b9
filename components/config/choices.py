"""Settings that are not arguments of a component: they choose components and plugins."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

import pulumi

from ..shared import or_empty, require, when
from ..strategies import Canary, Rolling, Strategy


@dataclass(frozen=True, kw_only=True)
class StrategyChoice:
    """Which strategy releases. Raises ArgsError."""

    strategy: Literal["rolling", "canary"] = "rolling"
    """How a new version replaces the old one. `rolling` replaces pod by pod, each ready before the next old
    one stops; `canary` does the same after a trial of the new version on a share of the traffic, and needs
    `canary.prometheus`."""

    def __post_init__(self) -> None:
        require(self)

    def with_settings(self, canary: Canary) -> Strategy:
        """The strategy, with its settings."""
        return canary if self.strategy == "canary" else Rolling()


def _kubeconfig(text: str) -> str | None:
    """Refuses a path too, which would differ between machines. Does not repeat the text."""
    wanted = "set it with pulumi config set --path --secret cluster.kubeconfig < FILE"
    broken = "\n" not in text and not text.lstrip().startswith("{")
    return when(broken, f"is not the text of a kubeconfig; {wanted}")


@dataclass(frozen=True, kw_only=True)
class ClusterChoice:
    """Which cluster is deployed to. Raises ArgsError."""

    context: str = ""
    """Context of the kubeconfig; empty uses its current one."""
    kubeconfig: Annotated[pulumi.Input[str], or_empty(_kubeconfig)] = field(default="", repr=False)
    """Kubeconfig as text; empty uses the file that KUBECONFIG names, or ~/.kube/config."""

    def __post_init__(self) -> None:
        require(self)
