"""Checks before any pod starts that the trial can be measured."""

from collections.abc import Callable

from ..analysis import Finding
from ..cluster import Tracks
from .errors import NotStartedError
from .means import Means
from .watch import LOOK_SECONDS


def require_metrics(means: Means, look: Callable[[], Tracks]) -> None:
    """Waits up to an interval for what a sample needs. Raises NotStartedError with all problems.

    Problems that waiting cannot mend end it at once. look: finds both tracks; may end the trial.
    """
    end = means.clock() + means.plan.interval
    told = ""
    while True:
        stable = look().stable
        found = means.check(stable.pod_names if stable else frozenset[str]())
        problems = [finding for finding in found if finding.problem]
        if not problems:
            return
        if means.clock() >= end or not all(finding.transient for finding in problems):
            raise _not_started(problems)
        if problems[0].problem != told:
            told = problems[0].problem
            means.say(f"waiting for metrics: {told}")
        means.sleep(LOOK_SECONDS)


def _not_started(problems: list[Finding]) -> NotStartedError:
    reason = "; ".join(finding.problem for finding in problems)
    return NotStartedError(reason, [finding.text for finding in problems])
