"""Takes the probes and scrapes out of counts where no label tells them from requests. Pure."""

import math


class ProbeAccount:
    """Probes and scrapes that pods have answered and that have not been taken out of their counts yet.

    Counts move with each scrape, and intervals are cut between scrapes: what cannot be taken out of one
    interval turns up in the next.
    """

    def __init__(self) -> None:
        self._left: dict[str, float] = {}

    def begin(self) -> None:
        """Forgets what is left."""
        self._left.clear()

    def take(self, pod: str, *, probes: float, scrapes: float, available: float) -> float:
        """How many of the available requests of a pod within an interval are probes and scrapes.

        probes: number expected within the interval. scrapes: number made.
        """
        if not (probes or scrapes):
            return 0
        expected = probes + scrapes
        # The first interval reaches back to the scrape before it.
        before = math.ceil(probes / max(scrapes, 1)) + 1
        due = self._left.get(pod, before) + expected
        taken = min(due, available)
        left = due - taken
        # Not more than an interval's, lest a pod that does not count probes owes ever more. Without a scrape
        # nothing could be counted.
        self._left[pod] = min(left, expected) if scrapes else left
        return taken
