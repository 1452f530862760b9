"""What one look at an object says about its readiness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One look's outcome.

    Attributes:
        ready: Nothing is left to wait for.
        status: What is being waited for, one line.
        reasons: Why it takes long, for the message if the wait fails.
        hopeless: Waiting longer cannot help.
    """

    ready: bool = False
    status: str = ""
    reasons: Sequence[str] = ()
    hopeless: bool = False


READY = Verdict(ready=True)
