"""One trial of a canary: scale it up, take samples, and scale it to 0 again, whatever happens in between."""

from collections.abc import Generator
from contextlib import contextmanager
from uuid import uuid4

from ...analysis import Judgement, Sample, decide, judge
from ...cluster import Tracks, find_tracks, has_finished
from ...shared import TRIAL, canary_name
from ..interruption import InterruptedTrialError
from ..sample_line import sample_line
from .errors import FailedTrialError
from .growth import Growth
from .means import Means
from .preflight import require_metrics
from .room import make_room
from .sampling import Sampling
from .timeline import Timeline
from .watch import LOOK_SECONDS, Watch, require_canary

_GONE_SECONDS = 90
# A version that failed does not stay until the stable track has all of its room.
_ROOM_SECONDS = 10


class Trial:
    """One trial. `samples` grows while it runs."""

    def __init__(self, means: Means) -> None:
        self.samples: list[tuple[Sample, Judgement]] = []
        self.failure = ""
        """Why it did not pass, also if something else goes wrong afterwards."""
        self.timeline = Timeline(means)
        self._means, self._plan = means, means.plan
        # Tells this trial from another one of the same canary.
        self._id = uuid4().hex[:12]
        self._sampling = Sampling(means)
        self._watch = Watch(means, self.timeline, self._id)
        self._growth = Growth(means, self._watch, self._sampling, self.timeline)
        self._has_room = False

    def run(self) -> None:
        """Runs the trial. Raises FailedTrialError if the canary did not pass.

        The canary is scaled to 0 afterwards, also when anything else is raised.
        """
        with self._ends_without_pods():
            require_metrics(self._means, self._watch.look)
            self._growth.follow(0)
            while True:
                self._watch.wait(self._plan.interval)
                self._take_sample()
                if self._has_passed():
                    break
                self._growth.follow(self.measured, may_grow=self.samples[-1][1].outcome != "fail")
            # Until the stable track has room the canary serves on, so it has to stay up.
            self._make_room(self._plan.start, watched=True)

    def end(self, room_seconds: float = 0) -> None:
        """Scales the canary to 0, unless another trial has taken it over.

        room_seconds: maximum time for the stable track to get room for its share.
        """
        tracks = self._find_tracks()
        if tracks.canary is None:
            self._growth.exposure = 0  # deleted, and its pods with it
        if not self._watch.owns(tracks) or not require_canary(tracks).replicas:
            return
        try:
            self._make_room(room_seconds)
        finally:
            self._growth.scale(0, 0)

    @property
    def measured(self) -> int:
        """Number of samples that could be judged."""
        return sum(judgement.outcome != "unmeasured" for _, judgement in self.samples)

    @property
    def exposure(self) -> int:
        """Maximum share of the requests that pods of the canary may still get, percent."""
        return self._growth.exposure

    @contextmanager
    def _ends_without_pods(self) -> Generator[None]:
        # What is interrupted from here on it clears itself, and an earlier gate that still lives lets go.
        self._means.cluster.annotate("deployment", canary_name(self._means.service), {TRIAL: self._id})
        if self._remaining():
            self._means.say("removing the pods of an earlier trial that was cut off")
            self._growth.exposure = max(self._plan.steps)
            self._growth.scale(0, 0)
            self._wait_gone()
        self._watch.begin(self._find_tracks())
        room_seconds = _ROOM_SECONDS
        try:
            yield
        except FailedTrialError as error:
            self.failure = str(error)
            raise
        except InterruptedTrialError:
            room_seconds = 0  # whoever interrupted it does not wait
            raise
        finally:
            self.end(room_seconds)

    def _make_room(self, seconds: float, *, watched: bool = False) -> None:
        if self._has_room:
            return
        self._has_room = True
        make_room(self._means, self.timeline, self._watch.look if watched else self._find_tracks, seconds)

    def _take_sample(self) -> None:
        tracks = self._watch.look()
        sample = self._sampling.take(tracks)
        judgement = judge(
            [*(before for before, _ in self.samples), sample], self._plan.limits, self._plan.planned
        )
        self.samples.append((sample, judgement))
        self.timeline.sample(sample, judgement, tracks.share)
        self._means.say(sample_line(self._plan.progress(self.measured), tracks.share, sample, judgement))

    def _has_passed(self) -> bool:
        """Whether the trial is over. Raises FailedTrialError if it is over without a pass."""
        judgements = [judgement for _, judgement in self.samples]
        why = "; ".join(judgements[-1].reasons)
        decision = decide(judgements, self._plan.limits, self._plan.planned)
        if decision == "roll back":
            failed = sum(judgement.outcome == "fail" for judgement in judgements)
            reason = f"{failed} of {len(judgements)} samples failed: {why}"
            raise self._watch.failed_samples(reason, self._sampling.canary)
        if decision == "inconclusive":
            count = self._plan.limits.unmeasured_limit + 1
            reason = f"inconclusive, {count} samples in a row could not be judged: {why}"
            raise self._watch.failed_samples(reason, self._sampling.canary)
        return decision == "promote"

    def _remaining(self) -> bool:
        """Whether the canary has pods that run. Evicted ones stay until somebody deletes them."""
        return not all(map(has_finished, require_canary(self._find_tracks()).pods))

    def _wait_gone(self) -> None:
        end = self._means.clock() + _GONE_SECONDS
        while self._remaining() and self._means.clock() < end:
            self._means.sleep(LOOK_SECONDS / 2)

    def _find_tracks(self) -> Tracks:
        return find_tracks(self._means.cluster, self._means.service)
