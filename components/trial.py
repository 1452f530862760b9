"""One trial of a canary: pods up, samples taken, pods down again, whatever happens in between.

Without Pulumi: the gate imports it as a program of its own.
"""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from . import pod_state
from .analysis import Sample, Track, Verdict, canary_pods, decide, judge, known
from .failed_pods import reasons
from .failure_report import collect_reasons, in_a_line, log_report, report
from .kubectl import Kubectl
from .naming import canary_name
from .sampling import Sampler
from .tracks import Tracks, Workload, look, named
from .trial_plan import Plan

_LOOK_SECONDS = 2.0
_GONE_SECONDS = 90


class TakenBackError(Exception):
    """The canary did not pass; the reason in one line."""

    def __init__(self, reason: str, lines: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.lines = list(lines) or [reason]
        """What people are told: the same, and what logs and probes say."""


class OvertakenError(TakenBackError):
    """Another trial has the canary now."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A trial under way. `sleep` may raise, to end it early."""

    service: str
    """Name of the service."""
    plan: Plan
    """What is done."""
    cluster: Kubectl
    """Where the pods are."""
    sampler: Sampler
    """Where the figures come from."""
    say: Callable[[str], None]
    """Takes one line for people."""
    sleep: Callable[[float], None]
    """Waits; may raise, to end the trial early."""
    samples: list[tuple[Sample, Verdict]] = field(default_factory=list[tuple[Sample, Verdict]])
    """What was measured so far."""
    _id: str = field(default_factory=lambda: uuid4().hex[:12])
    """Tells this trial from another of the same canary."""
    _canary_pods: set[str] = field(default_factory=set[str])
    """Pods this trial has had, those that are gone included: their answers count."""

    def run(self) -> None:
        """Tries the canary. Returns when it passed; raises TakenBackError when it did not.

        The canary is scaled to 0 afterwards, also when anything else is raised.
        """
        with self._ends_without_pods():
            self._give(self._weight())
            self.say(
                f"canary is ready with {self._look().share:.0f} % of pods; warming up {self.plan.warmup} s"
            )
            self._watch(self.plan.warmup)
            while not self._sampled_enough():
                self._give(self._weight())

    def end(self) -> None:
        """Scales the canary to 0, unless another trial has taken it over."""
        tracks = look(self.cluster, self.service)
        if self._owns(tracks) and self._canary(tracks).replicas:
            self._scale(0)

    @property
    def judged(self) -> int:
        """Samples with a verdict."""
        return sum(verdict.outcome != "unmeasured" for _, verdict in self.samples)

    @contextmanager
    def _ends_without_pods(self) -> Generator[None]:
        if self._canary(look(self.cluster, self.service)).pods:
            self.say("pods of an earlier trial that was cut off go first")
            self._scale(0)
            self._wait_gone()
        self.cluster.annotate("deployment", canary_name(self.service), trial=self._id)
        try:
            yield
        finally:
            self.end()

    def _sampled_enough(self) -> bool:
        self._watch(self.plan.interval)
        tracks = self._look()
        stable = tracks.stable.pod_names if tracks.stable else frozenset[str]()
        sample = self.sampler.sample(self._canary_pods, stable)
        verdict = judge(sample, self.plan.limits)
        self.samples.append((sample, verdict))
        self.say(self._line(tracks.share, sample, verdict))
        verdicts = [verdict for _, verdict in self.samples]
        decision = decide(verdicts, self.plan.limits, self.plan.planned)
        if decision == "take back":
            failed = sum(verdict.outcome == "fail" for verdict in verdicts)
            raise self._unfit(f"{failed} of {len(verdicts)} samples failed: {'; '.join(verdict.reasons)}")
        if decision == "inconclusive":
            many = self.plan.limits.unmeasured_limit + 1
            raise self._unfit(
                f"inconclusive, {many} samples in a row say nothing: {'; '.join(verdict.reasons)}"
            )
        return decision == "promote"

    def _line(self, share: float, sample: Sample, verdict: Verdict) -> str:
        counted = f"{self.judged}/{self.plan.planned}"
        text = (
            f"{counted:>5}  {verdict.outcome:<10}  {share:.0f} % of pods"
            f"  canary {described(sample.canary)}  stable {described(sample.stable)}"
        )
        return "  ".join([text, "; ".join(verdict.reasons)]).rstrip()

    def _weight(self) -> int:
        return self.plan.weight(self.judged)

    def _give(self, weight: int) -> None:
        """Gives the canary a share beside the stable pods there are now, which an autoscaler may change."""
        tracks = self._look()
        stable, now = tracks.stable, self._canary(tracks).replicas
        counts = (stable.replicas, stable.ready) if stable else (0, 0)
        wanted, safe = (canary_pods(count, weight) for count in counts)
        # Stable pods that are not ready take no share, and no canary pod is added on their account.
        wanted = min(wanted, max(now, safe))
        if wanted != now:
            self._scale(wanted)
        self._wait_ready()

    def _wait_ready(self) -> None:
        end = time.monotonic() + self.plan.start
        told = ""
        while True:
            canary = self._canary(self._look("did not come up"))
            if canary.ready >= canary.replicas:
                return
            if time.monotonic() > end:
                raise self._failed("did not come up", canary, f" after {self.plan.start} s")
            why = in_a_line(reasons(canary.deployment, canary.pods))
            if why != told:
                self.say(f"waiting for the canary, {canary.count}: {why}")
                told = why
            self.sleep(_LOOK_SECONDS / 2)

    def _watch(self, seconds: float) -> None:
        """Waits, looking after the canary: a crash ends the trial at once, an eviction does not."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.sleep(min(_LOOK_SECONDS, left))
            self._look()

    def _look(self, crashed: str = "did not stay up") -> Tracks:
        tracks = look(self.cluster, self.service)
        canary = self._canary(tracks)
        if not self._owns(tracks):
            raise OvertakenError("another trial of this canary has begun and goes on")
        self._canary_pods.update(canary.pod_names)
        if any(map(pod_state.has_crashed, canary.pods)):
            raise self._failed(crashed, canary)
        return tracks

    def _failed(self, what: str, canary: Workload, after: str = "") -> TakenBackError:
        """What is wrong with the canary's pods, found out while they are there."""
        found = collect_reasons(self.cluster, canary.deployment, canary.pods)
        what = f"{what} ({canary.count}{after})"
        lines = report(f"{named(canary.release)} {what}", found)
        return TakenBackError(f"{what}: {in_a_line(found)}", lines)

    def _unfit(self, reason: str) -> TakenBackError:
        """What was measured, with the last words of the canary."""
        logs = [line for name in sorted(self._canary_pods)[:2] for line in log_report(self.cluster, name)]
        return TakenBackError(reason, [reason, *logs])

    def _owns(self, tracks: Tracks) -> bool:
        return tracks.canary is not None and tracks.canary.annotation("trial") == self._id

    def _canary(self, tracks: Tracks) -> Workload:
        if tracks.canary is None:
            raise TakenBackError("the canary's Deployment has been deleted")
        return tracks.canary

    def _scale(self, replicas: int) -> None:
        self.cluster.scale(canary_name(self.service), replicas)

    def _wait_gone(self) -> None:
        end = time.monotonic() + _GONE_SECONDS
        while self._canary(look(self.cluster, self.service)).pods and time.monotonic() < end:
            self.sleep(_LOOK_SECONDS / 2)


def described(track: Track) -> str:
    """A track in a few words: `120 requests, 0.0 % errors, p99 12 ms`."""
    requests = known(track.requests)
    if requests is None:
        return "no data"
    parts = [f"{requests:.0f} requests"]
    if (errors := track.error_percent) is not None:
        parts.append(f"{errors:.1f} % errors")
    if (p99 := known(track.p99_seconds)) is not None:
        parts.append(f"p99 {1000 * p99:.0f} ms")
    return ", ".join(parts)
