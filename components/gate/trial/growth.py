"""Gives the canary its share of the pods, and lets new pods warm up before they count."""

from ...analysis import canary_pods
from ...cluster import Track, in_a_line, reasons
from ...shared import canary_name
from .means import Means
from .sampling import Sampling
from .timeline import Timeline
from .watch import LOOK_SECONDS, Watch, require_canary


class Growth:
    """The canary's pods during one trial."""

    def __init__(self, means: Means, watch: Watch, sampling: Sampling, timeline: Timeline) -> None:
        self._means, self._watch, self._sampling, self._timeline = means, watch, sampling, timeline
        self.exposure = 0
        """Maximum share of the requests that the canary's pods may get, percent."""

    def follow(self, measured: int, *, may_grow: bool = True) -> None:
        """Gives the canary its share, and waits for pods and their warm-up, also for those that others made.

        measured: samples so far. may_grow: False after a failed sample, which asks for another one soon.
        """
        self._scale_to_share(self._means.plan.weight(measured), may_grow=may_grow)
        if not may_grow:
            return
        self._wait_ready()
        tracks = self._watch.look()
        warmup = self._means.plan.warmup
        if any(map(self._sampling.is_new, self._watch.pods(tracks))):
            self._timeline.step(f"{tracks.share:.0f} % of pods")
            self._means.say(f"canary is ready with {tracks.share:.0f} % of pods; warming up {warmup} s")
            self._watch.wait(warmup)
            if warmup:
                self._sampling.settle(self._watch.pods(self._watch.look()), self._watch.wait)
            self._timeline.step("warmed up")
        elif self._sampling.has_begun:
            return
        tracks = self._watch.look()
        self._sampling.begin(tracks, self._watch.pods(tracks))

    def scale(self, replicas: int, exposure: int) -> None:
        """Sets the number of pods. exposure: share of the requests that they may get, percent."""
        # Until the cluster has agreed, it may be either.
        self.exposure = max(self.exposure, exposure)
        self._means.cluster.scale(canary_name(self._means.service), replicas)
        self.exposure = exposure

    def _scale_to_share(self, weight: int, *, may_grow: bool) -> None:
        """Gives the canary its share beside the stable pods, whose number an autoscaler may have changed."""
        tracks = self._watch.look()
        stable, now = tracks.stable, require_canary(tracks).replicas
        counts = (stable.replicas, stable.ready) if stable else (0, 0)
        wanted, safe = (canary_pods(count, weight) for count in counts)
        # No canary pod is added on account of stable pods that are not ready.
        wanted = min(wanted, max(now, safe) if may_grow else now)
        if wanted != now:
            self.scale(wanted, weight)

    def _wait_ready(self) -> None:
        start = self._means.plan.start
        end = self._means.clock() + start
        told = ""
        while True:
            canary = require_canary(self._watch.look("did not come up"))
            if canary.ready >= canary.replicas:
                return
            if self._means.clock() > end:
                raise self._watch.failed_pods("did not come up", canary, f" after {start} s")
            told = self._tell(canary, told)
            self._means.sleep(LOOK_SECONDS / 2)

    def _tell(self, canary: Track, told: str) -> str:
        """Says once why the canary is not ready. Returns what has been said."""
        why = in_a_line(reasons(canary.deployment, canary.pods))
        if why != told:
            self._means.say(f"waiting for the canary, {canary.count}: {why}")
        return why
