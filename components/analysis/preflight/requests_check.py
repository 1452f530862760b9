"""Checks of the counter of requests: its series, their status, who scrapes them, and their path."""

from collections import defaultdict

from ..promql import unclassified
from .finding import Finding
from .missing_series import label_names, missing_requests
from .watched import TARGET, Watched, quoted

Groups = list[tuple[dict[str, str], float]]
"""Number of series by pod, status and what scraped them."""


def check_requests(watched: Watched) -> list[Finding]:
    """All that concerns the counter; without series that alone. Raises PrometheusError."""
    metrics = watched.metrics
    check = "requests are counted"
    groups = watched.count((metrics.status, *TARGET), watched.select(metrics.requests))
    if not groups:
        return [missing_requests(watched, check)]
    missing = len(set(watched.pods) - {labels[metrics.pod] for labels, _ in groups})
    note = f"no series yet of {missing} of {len(watched.pods)} pods" if missing else ""
    return [
        Finding(check=check, note=note),
        _status(watched, groups),
        _once(watched, groups),
        _paths(watched, groups),
    ]


def _status(watched: Watched, groups: Groups) -> Finding:
    metrics, check = watched.metrics, "statuses are known"
    words = {labels.get(metrics.status, "") for labels, _ in groups}
    if all(watched.is_known(word) for word in words):
        return Finding(check=check)
    # Of probes and scrapes the status does not matter.
    query = unclassified(metrics, watched.namespace, watched.pods)
    series = [labels for labels, _ in watched.ask(query) if labels.get(metrics.pod) in watched.pods]
    if not series:
        return Finding(check=check)
    unknown = sorted({labels.get(metrics.status, "") for labels in series})
    found = label_names(series)
    if "" in unknown:
        fitting = _status_label(watched, series)
        problem = f"{metrics.requests} has series without the label {metrics.status}; they have {found}"
        remedy = f"set canary.metrics.statusLabel {fitting}" if fitting else _WORDS
        return Finding(check=check, problem=problem, remedy=remedy)
    problem = (
        f"{metrics.requests}: the label {metrics.status} has {quoted(unknown)}, neither success nor error"
        f" nor ignored; the labels are {found}"
    )
    return Finding(check=check, problem=problem, remedy=_WORDS)


_WORDS = (
    "set canary.metrics.statusLabel to the label with the status, or canary.metrics.errors, successes and"
    " ignored to its words"
)


def _status_label(watched: Watched, series: list[dict[str, str]]) -> str:
    """A label all of whose values are statuses; empty if there is none."""
    values: dict[str, set[str]] = defaultdict(set)
    for labels in series:
        for label, value in labels.items():
            values[label].add(value)
    fitting = [label for label, words in values.items() if all(watched.is_known(word) for word in words)]
    return sorted(fitting)[0] if fitting else ""


def _once(watched: Watched, groups: Groups) -> Finding:
    check = "each pod is read once"
    targets: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for labels, _ in groups:
        targets[labels[watched.metrics.pod]].add(tuple(labels.get(label, "") for label in TARGET))
    pod, twice = max(targets.items(), key=lambda found: (len(found[1]), found[0]))
    if len(twice) == 1:
        return Finding(check=check)
    number, label = next(
        (n, label) for n, label in enumerate(TARGET) if len({target[n] for target in twice}) > 1
    )
    values = sorted({target[number] for target in twice})
    problem = f"each request to {pod} is counted {len(twice)} times: by {label} " + " and ".join(
        f'"{value}"' for value in values
    )
    return Finding(check=check, problem=problem, remedy=f'set canary.metrics.selector {label}="{values[0]}"')


def _paths(watched: Watched, groups: Groups) -> Finding:
    metrics, check = watched.metrics, "probes and scrapes are left out"
    total = sum(number for _, number in groups)
    without = total
    if metrics.paths:
        found = watched.count((), watched.select(metrics.requests, "untold"))
        without = sum(number for _, number in found)
    if not without:
        return Finding(check=check)
    labels = f"none of the labels {', '.join(metrics.paths)}" if metrics.paths else "no label with a path"
    note = (
        f"{without:.0f} of {total:.0f} series have {labels}: the expected number of probes and scrapes is"
        " subtracted from them"
    )
    remedy = "for an exact count name the label with the path in canary.metrics.pathLabels"
    return Finding(check=check, note=note, remedy=remedy)
