"""How a trial ends without a pass."""

from collections.abc import Sequence


class FailedTrialError(Exception):
    """The canary did not pass; the reason in one line."""

    def __init__(self, reason: str, lines: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.lines = list(lines) or [reason]
        """The reason and its evidence, from logs and probes."""


class OvertakenError(FailedTrialError):
    """Another trial of the same canary has begun."""


class NotStartedError(FailedTrialError):
    """What the trial needs to measure is not there; `lines` has a line for each problem."""
