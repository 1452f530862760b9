"""What counters have grown by: differences of values that a process counts up from 0. Pure."""

import math
from collections.abc import Callable, Collection, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key")


class Counters(Generic[Key]):
    """The last value of each counter of each pod.

    Differences are taken here and not by `increase()`, which loses the first value of a series.
    """

    def __init__(self) -> None:
        self._last: dict[str, dict[Key, float]] = {}

    def advance(
        self,
        values: Mapping[tuple[str, Key], float],
        *,
        scraped: Collection[str],
        is_new: Callable[[str], bool],
        tells_restart: Callable[[str, Key], bool] = lambda _pod, _key: True,
    ) -> dict[tuple[str, Key], float]:
        """Takes new values by pod and key. Returns by how much each has grown.

        A counter that is missing keeps its last value, so its next difference covers the gap.
        scraped: pods that Prometheus knows, also without any of these counters: a counter that they get later
        starts at 0. is_new: whether a pod started after the first values, and all it ever counted is growth.
        tells_restart: whether a counter that falls shows a new process; one that is an estimate may not.
        """
        grown: dict[tuple[str, Key], float] = {}
        for pod, current in _by_pod(values).items():
            last = self._last.get(pod)
            if last is None:
                base = {} if is_new(pod) else current
            elif any(value < last.get(key, 0) and tells_restart(pod, key) for key, value in current.items()):
                # The process has started again: what it has not counted yet is no longer known either.
                last = base = {}
            else:
                base = last
            grown |= {(pod, key): max(value - base.get(key, 0), 0) for key, value in current.items()}
            self._last[pod] = {**(last or {}), **current}
        for pod in scraped:
            self._last.setdefault(pod, {})
        return grown


def _by_pod(values: Mapping[tuple[str, Key], float]) -> dict[str, dict[Key, float]]:
    pods: dict[str, dict[Key, float]] = {}
    for (pod, key), value in values.items():
        if math.isfinite(value):
            pods.setdefault(pod, {})[key] = value
    return pods
