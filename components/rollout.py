"""How a new version replaces the old one."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from .rules import in_range, one_of, require

Strategy = Literal["rolling", "canary"]


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """Strategy and times of a release. Raises ArgsError."""

    strategy: Strategy = "rolling"
    """`rolling`: pod by pod, each ready before the next old one goes. `canary`: the same, after a trial of
    the new version on a share of the traffic."""
    timeout_seconds: int = 300
    """Longest that the pods of a release may make no progress before it is taken back, 30-3600 s."""
    pre_stop_seconds: int = 5
    """Pause before SIGTERM, while endpoints and proxies forget the pod, 0-60 s."""
    shutdown_seconds: int = 30
    """The server's own time to drain after SIGTERM, 1-600 s."""

    def __post_init__(self) -> None:
        require(
            self,
            ("strategy", one_of(self.strategy, get_args(Strategy))),
            ("timeout_seconds", in_range(self.timeout_seconds, 30, 3600)),
            ("pre_stop_seconds", in_range(self.pre_stop_seconds, 0, 60)),
            ("shutdown_seconds", in_range(self.shutdown_seconds, 1, 600)),
        )

    @property
    def grace_seconds(self) -> int:
        """Time from the decision to stop a pod to SIGKILL."""
        return self.pre_stop_seconds + self.shutdown_seconds

    @property
    def wait(self) -> str:
        """How long Pulumi waits for what is not a Deployment, such as the address of a load balancer."""
        return f"{self.timeout_seconds + 15}s"


def rolling_update() -> dict[str, Any]:
    """Deployment strategy that never has fewer ready pods than wanted."""
    return {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
