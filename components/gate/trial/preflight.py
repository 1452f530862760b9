"""Checks before any pod starts that the trial can be measured."""

from collections.abc import Callable

from ...analysis import Finding, canary_pods, stable_pods_needed
from ...cluster import Track, Tracks
from ..plan import Plan
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
        found = [*_share(means.plan, stable), *means.check(stable.pod_names if stable else frozenset[str]())]
        problems = [finding for finding in found if finding.problem]
        if not problems:
            return
        if means.clock() >= end or not all(finding.transient for finding in problems):
            raise _not_started(problems)
        if problems[0].problem != told:
            told = problems[0].problem
            means.say(f"the trial waits: {told}")
        means.sleep(LOOK_SECONDS)


def _share(plan: Plan, stable: Track | None) -> list[Finding]:
    """That there are too few stable pods for a canary, if so. An autoscaler may be about to add some."""
    pods, weight = stable.replicas if stable else 0, plan.steps[0]
    if canary_pods(pods, weight):
        return []
    needed = stable_pods_needed(weight)
    problem = f"{weight} % beside {pods} stable pods is less than one pod; it takes {needed} stable pods"
    # The autoscaler's new minimum would come after the trial.
    remedy = "raise canary.steps, or give the stable track its pods by one update with canary.skip"
    return [Finding(check="the canary has a pod", problem=problem, remedy=remedy, transient=True)]


def _not_started(problems: list[Finding]) -> NotStartedError:
    reason = "; ".join(finding.problem for finding in problems)
    return NotStartedError(reason, [finding.text for finding in problems])
