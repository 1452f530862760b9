"""Rolling: pod by pod, each ready before the next old one goes."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Rolling:
    """The default strategy. Its times are those of every rollout."""
