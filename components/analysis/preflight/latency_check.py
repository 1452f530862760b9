"""Check of the latency histogram: that it can tell answers above the limit from those below."""

import math

from ..access.prometheus import PrometheusError
from .finding import Finding
from .watched import Watched

_CHECK = "latency can be judged"
_LEAVE_OUT = "or set canary.maxP99Milliseconds 0, which leaves latency out"


def check_latency(watched: Watched, limit_milliseconds: int) -> Finding:
    """Looks at the bounds of the buckets. Raises PrometheusError."""
    metrics = watched.metrics
    found = watched.count(("le",), watched.select(f"{metrics.latency}_bucket"))
    scale = 1000 if metrics.unit == "seconds" else 1
    bounds = sorted({float(labels["le"]) * scale for labels, _ in found if "le" in labels})
    finite = [bound for bound in bounds if math.isfinite(bound)]
    if not bounds:
        return _other_form(watched)
    if not finite or finite[-1] < limit_milliseconds:
        largest = f"the largest bucket of {metrics.latency} ends at {finite[-1]:g} ms" if finite else ""
        return Finding(
            check=_CHECK,
            problem=f"{largest or f'{metrics.latency} has no bucket with an end'}, and the limit is"
            f" {limit_milliseconds} ms: whether an answer is slower cannot be told",
            remedy=f"add a bucket that ends at {limit_milliseconds} ms or above"
            + (f", set canary.maxP99Milliseconds to at most {finite[-1]:g}, " if finite else ", ")
            + _LEAVE_OUT,
        )
    if any(math.isclose(bound, limit_milliseconds) for bound in finite):
        return Finding(check=_CHECK)
    above = next(bound for bound in finite if bound > limit_milliseconds)
    below = max((bound for bound in finite if bound < limit_milliseconds), default=0.0)
    nearest = [f"{bound:g}" for bound in (below, above) if bound]
    return Finding(
        check=_CHECK,
        note=f"no bucket ends at {limit_milliseconds} ms; answers between {below:g} and {above:g} ms may be"
        " on either side",
        remedy=f"set canary.maxP99Milliseconds to {' or '.join(nearest)}, or add a bucket that ends there",
    )


def _other_form(watched: Watched) -> Finding:
    """There are no buckets: a native histogram is as good, a summary is not."""
    metrics = watched.metrics
    try:
        if watched.ask(f"count(histogram_count({watched.select(metrics.latency)}))"):
            return Finding(check=_CHECK, note=f"{metrics.latency} is a native histogram")
    except PrometheusError:  # one that is too old has no such function
        pass
    if watched.count((), watched.select(metrics.latency)):
        problem = f"{metrics.latency} is no histogram; quantiles of pods cannot be added up"
        return Finding(check=_CHECK, problem=problem, remedy=f"make it a histogram, {_LEAVE_OUT}")
    names = watched.ask(f'count by (__name__) ({{{watched.place},__name__=~".+_bucket"}})')
    histograms = sorted(labels["__name__"].removesuffix("_bucket") for labels, _ in names)
    there = f"; the pods have {', '.join(histograms[:5])}" if histograms else ""
    return Finding(
        check=_CHECK,
        problem=f"no series {metrics.latency}_bucket with {watched.place}{there}",
        remedy=f"set canary.metrics.latency to a histogram of latency, {_LEAVE_OUT}",
    )
