"""Gives the stable track room for the canary's share of the load, before the canary goes.

An autoscaler takes pods from the stable track while the canary carries a part of its load. No floor is held
meanwhile, so that a gate that is killed leaves none behind.
"""

from collections.abc import Callable

from ...cluster import ClusterError, Tracks, raise_autoscaled
from .means import Means
from .timeline import Timeline


def make_room(means: Means, timeline: Timeline, look: Callable[[], Tracks], seconds: float) -> None:
    """Scales the stable track up if its autoscaler has made it too small, and waits for its pods.

    An error of the cluster is only said: the canary has to go, with room or without.
    look: finds both tracks. seconds: maximum time to wait.
    """
    try:
        _make_room(means, timeline, look, seconds)
    except ClusterError as error:
        means.say(f"the stable track may be short of pods, as it could not be scaled: {error}")


def _make_room(means: Means, timeline: Timeline, look: Callable[[], Tracks], seconds: float) -> None:
    tracks = look()
    stable, canary = tracks.stable, tracks.canary
    if not stable or not canary or not canary.ready:
        return
    wanted = raise_autoscaled(means.cluster, means.service, stable.ready, canary.ready)
    if not wanted:
        return
    line = f"stable track scaled from {stable.replicas} to {wanted} pods, to take over the canary's share"
    means.say(line)
    timeline.step(line)
    end = means.clock() + seconds
    while means.clock() < end:
        means.sleep(1)
        stable = look().stable
        if not stable or stable.ready >= wanted:
            return
    if seconds and stable:
        means.say(f"the stable track has {stable.count} after {seconds:.0f} s; the canary goes all the same")
