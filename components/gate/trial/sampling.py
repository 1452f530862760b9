"""Takes the samples of a trial: of which pods, and how much of it the kubelet itself has asked for."""

from collections.abc import Callable
from typing import Any

from ...analysis import PrometheusError, Sample
from ...cluster import Pod, Tracks, is_ready, probe_requests
from .means import Means


class Sampling:
    """Samples of one trial."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self.canary: set[str] = set()
        """Pods of the canary that count, including those that are gone: their answers count too."""
        self.has_begun = False
        self._since = means.clock()
        # The service's container by pod. A pod that has gone was probed until it went.
        self._containers: dict[str, dict[str, Any]] = {}

    def is_new(self, pod: Pod) -> bool:
        """Whether a pod of the canary takes traffic and does not count yet."""
        return is_ready(pod) and pod["metadata"]["name"] not in self.canary

    def settle(self, pods: list[Pod], wait: Callable[[float], None]) -> None:
        """Waits for scrapes, so that what pods answered while they warmed up does not count."""
        names = {pod["metadata"]["name"] for pod in pods if is_ready(pod)}
        self._means.sampler.wait_for_scrapes(names, wait)

    def begin(self, tracks: Tracks, canary: list[Pod]) -> None:
        """Counts from now on, and the canary's ready pods with the others. canary: pods of this trial."""
        self.canary |= {pod["metadata"]["name"] for pod in canary if is_ready(pod)}
        self.has_begun = True
        self._since = self._means.clock()
        try:
            self._means.sampler.begin(self.canary, _stable(tracks))
        except PrometheusError:
            # The next sample says that there is nothing to count from, and begins.
            return

    def take(self, tracks: Tracks) -> Sample:
        """What both tracks have answered since the last sample."""
        sample = self._means.sampler.sample(self.canary, _stable(tracks), self._probes(tracks))
        if not sample.error:
            self._since = self._means.clock()
        return sample

    def _probes(self, tracks: Tracks) -> dict[str, float]:
        """Requests of the kubelet to each pod since the last sample."""
        for track in (tracks.stable, tracks.canary):
            for pod in track.pods if track else []:
                own = {container["name"]: container for container in pod["spec"]["containers"]}
                if track and track.container in own:
                    self._containers[pod["metadata"]["name"]] = own[track.container]
        seconds = self._means.clock() - self._since
        return {name: probe_requests(container, seconds) for name, container in self._containers.items()}


def _stable(tracks: Tracks) -> frozenset[str]:
    return tracks.stable.pod_names if tracks.stable else frozenset[str]()
