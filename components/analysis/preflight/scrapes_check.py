"""Check of how often Prometheus reads the pods."""

from collections import defaultdict

from .finding import Finding
from .watched import Watched

_CHECK = "two scrapes in an interval"
_INTERVALS = 4
_STEPS = 40
# Scrapes are never quite punctual.
_TOLERANCE = 1.1


def check_scrapes(watched: Watched, interval: int) -> Finding:
    """Finds the time from scrape to scrape. interval: of samples, seconds. Raises PrometheusError."""
    window = _INTERVALS * interval
    found = [seconds for seconds in _seconds_between(watched, window) if seconds > 0]
    if not found:
        return Finding(
            check=_CHECK,
            problem=f"within {window} s no pod was read twice by Prometheus",
            remedy=f"wait if the pods are new; else scrape them at least every {interval // 2} s, or set"
            " canary.intervalSeconds to more than twice the scrape interval",
            transient=True,
        )
    seconds = min(found)
    if seconds * 2 <= interval * _TOLERANCE:
        return Finding(check=_CHECK)
    shown = round(seconds)
    return Finding(
        check=_CHECK,
        problem=f"Prometheus reads the pods every {shown} s, so an interval of {interval} s has fewer than"
        " two scrapes",
        remedy=f"set canary.intervalSeconds to at least {2 * shown}, or scrape them at least every"
        f" {interval // 2} s",
    )


def _seconds_between(watched: Watched, window: int) -> list[float]:
    """Time from scrape to scrape of each pod that was read twice within the window.

    From the first scrape to the last: a pod that is new has fewer than its window could hold.
    """
    metrics = watched.metrics
    series = watched.select(metrics.requests)
    times = f"timestamp({series})"
    step = max(window // _STEPS, 1)
    parts = {
        "first": f"min by ({metrics.pod}) (min_over_time({times}[{window}s:{step}s]))",
        "last": f"max by ({metrics.pod}) ({times})",
        "scrapes": f"max by ({metrics.pod}) (count_over_time({series}[{window}s]))",
        "now": f"max by ({metrics.pod}) ({times} * 0 + time())",
    }
    marked = [f'label_replace({query}, "part", "{part}", "", "")' for part, query in parts.items()]
    pods: dict[str, dict[str, float]] = defaultdict(dict)
    for labels, value in watched.ask(" or ".join(marked)):
        pods[labels.get(metrics.pod, "")][labels.get("part", "")] = value
    known = [pods[pod] for pod in watched.pods if pods[pod].keys() == parts.keys()]
    return [_between(pod, window) for pod in known if pod["scrapes"] > 1]


def _between(pod: dict[str, float], window: int) -> float:
    # At the window's start a series still has the value from before it.
    began_before = pod["first"] <= pod["now"] - window
    return (pod["last"] - pod["first"]) / (pod["scrapes"] - (0 if began_before else 1))
