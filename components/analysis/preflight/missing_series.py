"""Why pods have no series of the metric that counts requests: what they have instead, and what to set."""

import re

from ..presets import PRESETS
from ..promql import pods_pattern
from .finding import Finding
from .watched import TARGET, Watched

# What scrape configurations call a pod. Each is tried, as no query finds a label by its value.
_POD_LABELS = (
    "pod",
    "pod_name",
    "kubernetes_pod_name",
    "kubernetes_pod",
    "k8s_pod_name",
    "exported_pod",
    "instance",
)
_OF_REQUESTS = re.compile(r"(?!promhttp_|rest_client_|.*client).*(request|response|http|rpc).*_(total|count)")
_OF_SCRAPES = re.compile(r"up|scrape_.*")


def missing_requests(watched: Watched, check: str) -> Finding:
    """Looks for what the pods have. Raises PrometheusError."""
    metrics, place = watched.metrics, watched.place
    found = watched.ask(f"count by (__name__) ({{{place}}})")
    names = {labels["__name__"] for labels, _ in found if "__name__" in labels}
    none = f"no series {metrics.requests} with {place}"
    if metrics.requests in names:
        return _left_out(watched, check)
    if not names:
        return _elsewhere(watched, check, none)
    if all(_OF_SCRAPES.fullmatch(name) for name in names):
        remedy = "check metrics.port and metrics.path, and that network.ingressNamespaces lets Prometheus in"
        problem = f"{none}: Prometheus gets no answer from the pods (up is 0)"
        return Finding(check=check, problem=problem, remedy=remedy, transient=True)
    instead, remedy = _instead(watched, names)
    if instead:
        return Finding(check=check, problem=f"{none}{instead}", remedy=remedy)
    return Finding(
        check=check,
        problem=f"{none}; the pods have {len(names)} other metrics, none of which counts requests",
        remedy="set canary.metrics; many counters have no series before the first request",
        transient=True,
    )


def _instead(watched: Watched, names: set[str]) -> tuple[str, str]:
    """What among the names counts requests, and the remedy; empty if nothing does."""
    preset = _preset(watched, names)
    if preset:
        return f"; the pods have {PRESETS[preset].requests}", f"set canary.metrics.preset {preset}"
    similar = sorted(name for name in names if _OF_REQUESTS.fullmatch(name))
    if similar:
        labels = label_names(watched.examples(f"{similar[0]}{{{watched.place}}}"))
        return (
            f"; the pods have {', '.join(similar[:5])} (labels of the first: {labels})",
            "set canary.metrics.requests, statusLabel and latency to what the service has",
        )
    return "", ""


def _left_out(watched: Watched, check: str) -> Finding:
    """The pods have the metric, but the further matchers exclude it."""
    metrics = watched.metrics
    labels = label_names(watched.examples(f"{metrics.requests}{{{watched.place}}}"))
    problem = f"no series {metrics.requests} of the pods has {metrics.selector}; their labels are {labels}"
    return Finding(check=check, problem=problem, remedy="correct canary.metrics.selector, or leave it out")


def _elsewhere(watched: Watched, check: str, none: str) -> Finding:
    """Nothing has both labels; perhaps the scrape configuration calls them otherwise."""
    metrics = watched.metrics
    pattern = pods_pattern(watched.pods)
    labels = [metrics.pod, *(label for label in _POD_LABELS if label != metrics.pod)]
    queries = [f'topk(1, {metrics.requests}{{{label}=~"{pattern}"}})' for label in labels]
    for found, _ in watched.ask(" or ".join(queries)):
        pod = next((label for label in labels if found.get(label) in watched.pods), "")
        space = _namespace_label(watched.namespace, found)
        if pod and space:
            wanted = {"podLabel": (metrics.pod, pod), "namespaceLabel": (metrics.namespace, space)}
            settings = [f"canary.metrics.{key} {new}" for key, (old, new) in wanted.items() if old != new]
            problem = f"{none}; the pod is in the label {pod}, and its namespace in {space}"
            return Finding(check=check, problem=problem, remedy=f"set {' and '.join(settings)}")
        if pod and metrics.namespace not in found:  # else these are pods of another namespace
            problem = f"{none}; the pod is in {pod}, and its namespace in none of {label_names([found])}"
            remedy = "have the scrape configuration add a label with the namespace"
            return Finding(check=check, problem=problem, remedy=remedy)
    return Finding(
        check=check,
        problem=f"{none}, nor any other metric",
        remedy="check that Prometheus reads the pods' metrics, and calls pod and namespace so; else set"
        " canary.metrics.podLabel and canary.metrics.namespaceLabel",
        transient=True,
    )


def _preset(watched: Watched, names: set[str]) -> str:
    """The first preset of which the pods have counter, histogram and status label; empty if there is none."""
    known: dict[str, set[str]] = {}
    for name, preset in PRESETS.items():
        if preset.requests not in names or f"{preset.latency}_bucket" not in names:
            continue
        if preset.requests not in known:
            series = watched.examples(f"{preset.requests}{{{watched.place}}}")
            known[preset.requests] = {label for labels in series for label in labels}
        if preset.status in known[preset.requests]:
            return name
    return ""


def _namespace_label(namespace: str, labels: dict[str, str]) -> str:
    """The label that holds a namespace, one that is called so first; empty if there is none."""
    holding = [label for label, value in labels.items() if value == namespace and label not in TARGET]
    return next(iter(sorted(holding, key=lambda label: "namespace" not in label)), "")


def label_names(series: list[dict[str, str]]) -> str:
    """Names of the labels of series in order; those of the scrape come last, and the metric's is left out."""
    names = {label for labels in series for label in labels} - {"__name__"}
    return ", ".join(sorted(names, key=lambda name: (name in TARGET, name)))
