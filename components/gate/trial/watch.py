"""Looks at both tracks during a trial, and ends it if pods or what they run are not as they have to be."""

from typing import Any

from ...cluster import (
    Pod,
    Track,
    Tracks,
    collect_reasons,
    evictions,
    find_tracks,
    has_crashed,
    in_a_line,
    log_report,
    refusal,
    report,
    restarted_sidecars,
    template_change,
)
from ...shared import TRIAL
from .errors import FailedTrialError, OvertakenError
from .means import Means
from .timeline import Timeline

LOOK_SECONDS = 2.0
# A refusal may be that of a moment ago, or of a webhook that is being restarted.
_REFUSED_SECONDS = 5.0


class Watch:
    """Looks at both tracks during one trial."""

    def __init__(self, means: Means, timeline: Timeline, trial: str) -> None:
        """trial: the annotation that tells this trial from another one of the same canary."""
        self._means, self._timeline, self._trial = means, timeline, trial
        self._earlier: frozenset[str] = frozenset()
        self._template: dict[str, Any] = {}
        self._stable_image = ""
        self._evicted: dict[str, str] = {}
        self._sidecars: set[str] = set()
        self._refused_since: float | None = None

    def begin(self, tracks: Tracks) -> None:
        """Remembers what the trial begins with."""
        canary = require_canary(tracks)
        # Pods of an earlier trial that were evicted stay in the cluster, and are none of this one.
        self._earlier = frozenset(pod["metadata"]["uid"] for pod in canary.pods)
        self._template = canary.template
        self._stable_image = tracks.stable.release.image if tracks.stable else ""

    def look(self, what: str = "did not stay up") -> Tracks:
        """Both tracks now. Raises FailedTrialError if the trial cannot go on.

        what: what a canary whose pods crash is said to have done.
        """
        tracks = find_tracks(self._means.cluster, self._means.service)
        canary = require_canary(tracks)
        if not self.owns(tracks):
            raise OvertakenError("another trial of this canary has begun and goes on")
        self._require_same_templates(tracks, canary)
        pods = self.pods(tracks)
        if any(has_crashed(pod, canary.container) for pod in pods):
            raise self.failed_pods(what, canary)
        self._count_evictions(pods)
        self._require_allowed(what, canary)
        self._mention_sidecars(pods, canary.container)
        return tracks

    def wait(self, seconds: float) -> None:
        """Waits. Raises FailedTrialError as soon as the trial cannot go on."""
        end = self._means.clock() + seconds
        while (left := end - self._means.clock()) > 0:
            self._means.sleep(min(LOOK_SECONDS, left))
            self.look()

    def pods(self, tracks: Tracks) -> list[Pod]:
        """Pods of the canary that this trial has had made."""
        found = tracks.canary.pods if tracks.canary else []
        return [pod for pod in found if pod["metadata"]["uid"] not in self._earlier]

    def owns(self, tracks: Tracks) -> bool:
        """Whether the canary is this trial's."""
        return tracks.canary is not None and tracks.canary.annotation(TRIAL) == self._trial

    def failed_pods(self, what: str, canary: Track, after: str = "") -> FailedTrialError:
        """Why pods of the canary are not ready, collected while they exist."""
        found = collect_reasons(self._means.cluster, canary.deployment, canary.pods)
        what = f"{what} ({canary.count}{after})"
        lines = report(f"{canary.release.name} {what}", found)
        return FailedTrialError(f"{what}: {in_a_line(found)}", lines)

    def failed_samples(self, reason: str, pods: set[str]) -> FailedTrialError:
        """The reason, with the last log lines of the canary."""
        logs = [line for name in sorted(pods)[:2] for line in log_report(self._means.cluster, name)]
        return FailedTrialError(reason, [reason, *logs])

    def _require_same_templates(self, tracks: Tracks, canary: Track) -> None:
        """What was measured has to be what is promoted, and what it was compared with."""
        changed = template_change(self._template, canary.template)
        if changed:
            raise FailedTrialError(f"the canary was changed from outside during its trial: {changed}")
        image = tracks.stable.release.image if tracks.stable else self._stable_image
        if self._stable_image and image != self._stable_image:
            changed = f"its image: {self._stable_image} -> {image}"
            raise FailedTrialError(f"the stable track was changed from outside during the trial: {changed}")

    def _count_evictions(self, pods: list[Pod]) -> None:
        limit = self._means.plan.eviction_limit
        for uid, message in evictions(pods).items():
            if uid not in self._evicted:
                self._evicted[uid] = message
                line = f"a pod of the canary was evicted ({len(self._evicted)}, limit {limit}): {message}"
                self._means.say(line)
                self._timeline.step(line)
        count = len(self._evicted)
        if count > limit:
            last = list(self._evicted.values())[-1]
            were = "pod was" if count == 1 else "pods were"
            raise FailedTrialError(f"{count} {were} evicted, more than the limit of {limit}: {last}")

    def _require_allowed(self, what: str, canary: Track) -> None:
        """Pods that the cluster refuses will not come by waiting; those for which it has no node may."""
        if canary.ready >= canary.replicas or not refusal(canary.deployment, canary.pods):
            self._refused_since = None
            return
        now = self._means.clock()
        self._refused_since = now if self._refused_since is None else self._refused_since
        if now - self._refused_since >= _REFUSED_SECONDS:
            raise self.failed_pods(what, canary)

    def _mention_sidecars(self, pods: list[Pod], container: str) -> None:
        for name in sorted({name for pod in pods for name in restarted_sidecars(pod, container)}):
            if name not in self._sidecars:
                self._sidecars.add(name)
                self._means.say(f"sidecar {name} restarted, not judged")


def require_canary(tracks: Tracks) -> Track:
    """The canary track. Raises FailedTrialError if it has been deleted."""
    if tracks.canary is None:
        raise FailedTrialError("the canary's Deployment has been deleted")
    return tracks.canary
