"""One trial of a canary: scale it up, take samples, and scale it to 0 again, whatever happens in between."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from uuid import uuid4

from ..analysis import Judgement, Sample, Sampler, canary_pods, decide, judge
from ..cluster import (
    Kubectl,
    Track,
    Tracks,
    collect_reasons,
    find_tracks,
    has_crashed,
    in_a_line,
    log_report,
    reasons,
    report,
)
from ..shared import TRIAL, canary_name
from .plan import Plan
from .sample_line import sample_line

_LOOK_SECONDS = 2.0
_GONE_SECONDS = 90


class FailedTrialError(Exception):
    """The canary did not pass; the reason in one line."""

    def __init__(self, reason: str, lines: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.lines = list(lines) or [reason]
        """The reason and its evidence, from logs and probes."""


class OvertakenError(FailedTrialError):
    """Another trial of the same canary has begun."""


class Trial:
    """One trial. `samples` grows while it runs."""

    def __init__(
        self,
        *,
        service: str,
        plan: Plan,
        cluster: Kubectl,
        sampler: Sampler,
        say: Callable[[str], None],
        sleep: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        """say: takes one line for people. sleep: may raise, to end the trial early. clock: seconds that never
        go back.
        """
        self.samples: list[tuple[Sample, Judgement]] = []
        self._service, self._plan, self._cluster, self._sampler = service, plan, cluster, sampler
        self._say, self._sleep, self._clock = say, sleep, clock
        # Tells this trial from another one of the same canary.
        self._id = uuid4().hex[:12]
        # Pods that the trial has had, including those that are gone: their answers count.
        self._canary_pods: set[str] = set()

    def run(self) -> None:
        """Runs the trial. Raises FailedTrialError if the canary did not pass.

        The canary is scaled to 0 afterwards, also when anything else is raised.
        """
        with self._ends_without_pods():
            self._scale_to_share()
            share = self._require_healthy().share
            self._say(f"canary is ready with {share:.0f} % of pods; warming up {self._plan.warmup} s")
            self._watch(self._plan.warmup)
            while True:
                self._watch(self._plan.interval)
                self._take_sample()
                if self._has_passed():
                    return
                self._scale_to_share()

    def end(self) -> None:
        """Scales the canary to 0, unless another trial has taken it over."""
        tracks = find_tracks(self._cluster, self._service)
        if self._owns(tracks) and self._canary(tracks).replicas:
            self._scale(0)

    @property
    def measured(self) -> int:
        """Number of samples that could be judged."""
        return sum(judgement.outcome != "unmeasured" for _, judgement in self.samples)

    @contextmanager
    def _ends_without_pods(self) -> Generator[None]:
        if self._canary(find_tracks(self._cluster, self._service)).pods:
            self._say("removing the pods of an earlier trial that was cut off")
            self._scale(0)
            self._wait_gone()
        self._cluster.annotate("deployment", canary_name(self._service), {TRIAL: self._id})
        try:
            yield
        finally:
            self.end()

    def _take_sample(self) -> None:
        tracks = self._require_healthy()
        stable = tracks.stable.pod_names if tracks.stable else frozenset[str]()
        sample = self._sampler.sample(self._canary_pods, stable)
        judgement = judge(sample, self._plan.limits)
        self.samples.append((sample, judgement))
        progress = f"{self.measured}/{self._plan.planned}"
        self._say(sample_line(progress, tracks.share, sample, judgement))

    def _has_passed(self) -> bool:
        """Whether the trial is over. Raises FailedTrialError if it is over without a pass."""
        judgements = [judgement for _, judgement in self.samples]
        why = "; ".join(judgements[-1].reasons)
        decision = decide(judgements, self._plan.limits, self._plan.planned)
        if decision == "roll back":
            failed = sum(judgement.outcome == "fail" for judgement in judgements)
            raise self._failed_samples(f"{failed} of {len(judgements)} samples failed: {why}")
        if decision == "inconclusive":
            count = self._plan.limits.unmeasured_limit + 1
            raise self._failed_samples(f"inconclusive, {count} samples in a row could not be judged: {why}")
        return decision == "promote"

    def _scale_to_share(self) -> None:
        """Gives the canary its share beside the stable pods, whose number an autoscaler may have changed."""
        tracks = self._require_healthy()
        stable, now = tracks.stable, self._canary(tracks).replicas
        weight = self._plan.weight(self.measured)
        counts = (stable.replicas, stable.ready) if stable else (0, 0)
        wanted, safe = (canary_pods(count, weight) for count in counts)
        # No canary pod is added on account of stable pods that are not ready.
        wanted = min(wanted, max(now, safe))
        if wanted != now:
            self._scale(wanted)
        self._wait_ready()

    def _wait_ready(self) -> None:
        end = self._clock() + self._plan.start
        told = ""
        while True:
            canary = self._canary(self._require_healthy("did not come up"))
            if canary.ready >= canary.replicas:
                return
            if self._clock() > end:
                raise self._failed_pods("did not come up", canary, f" after {self._plan.start} s")
            why = in_a_line(reasons(canary.deployment, canary.pods))
            if why != told:
                self._say(f"waiting for the canary, {canary.count}: {why}")
                told = why
            self._sleep(_LOOK_SECONDS / 2)

    def _watch(self, seconds: float) -> None:
        """Waits. A crash of the canary ends the trial at once, an eviction does not."""
        end = self._clock() + seconds
        while (left := end - self._clock()) > 0:
            self._sleep(min(_LOOK_SECONDS, left))
            self._require_healthy()

    def _require_healthy(self, crashed: str = "did not stay up") -> Tracks:
        """Both tracks now. Raises FailedTrialError if a pod of the canary has crashed."""
        tracks = find_tracks(self._cluster, self._service)
        canary = self._canary(tracks)
        if not self._owns(tracks):
            raise OvertakenError("another trial of this canary has begun and goes on")
        self._canary_pods.update(canary.pod_names)
        if any(map(has_crashed, canary.pods)):
            raise self._failed_pods(crashed, canary)
        return tracks

    def _failed_pods(self, what: str, canary: Track, after: str = "") -> FailedTrialError:
        """Why pods of the canary are not ready, collected while they exist."""
        found = collect_reasons(self._cluster, canary.deployment, canary.pods)
        what = f"{what} ({canary.count}{after})"
        lines = report(f"{canary.release.name} {what}", found)
        return FailedTrialError(f"{what}: {in_a_line(found)}", lines)

    def _failed_samples(self, reason: str) -> FailedTrialError:
        """The reason, with the last log lines of the canary."""
        logs = [line for name in sorted(self._canary_pods)[:2] for line in log_report(self._cluster, name)]
        return FailedTrialError(reason, [reason, *logs])

    def _owns(self, tracks: Tracks) -> bool:
        return tracks.canary is not None and tracks.canary.annotation(TRIAL) == self._id

    def _canary(self, tracks: Tracks) -> Track:
        if tracks.canary is None:
            raise FailedTrialError("the canary's Deployment has been deleted")
        return tracks.canary

    def _scale(self, replicas: int) -> None:
        self._cluster.scale(canary_name(self._service), replicas)

    def _wait_gone(self) -> None:
        end = self._clock() + _GONE_SECONDS
        while self._canary(find_tracks(self._cluster, self._service)).pods and self._clock() < end:
            self._sleep(_LOOK_SECONDS / 2)
