"""Rules between a canary and what is around it: its pods, their probes and the NetworkPolicy."""

from ...analysis import stable_pods_needed
from ...kubernetes import Metrics, Network, Probes
from ...shared import when
from .address import namespace
from .args import Canary


def canary_checks(
    strategy: object, network: Network, probes: Probes, metrics: Metrics, *, port: int, pods: int
) -> list[tuple[str, str | None, *tuple[str, ...]]]:
    """Checks of a canary with what is around it; none of another strategy.

    port: of the service. pods: minimum number of stable pods.
    """
    if not isinstance(strategy, Canary):
        return []
    missing = (
        "is empty; name a Prometheus (a URL, or namespace/service:port), the strategy canary measures there"
    )
    first = strategy.steps[0]
    needed = stable_pods_needed(first)
    crowded = (
        f"{first} % is less than one pod beside {pods} stable ones; raise the first step to "
        f"{-(-100 // (pods + 1))} or the pods (autoscaling.minReplicas, or service.replicas) to {needed}"
    )
    asked = probes.probe == "http"
    return [
        ("probes.liveness_path", _shared(asked, probes.liveness_path), "strategy"),
        ("probes.readiness_path", _shared(asked, probes.readiness_path), "strategy"),
        ("metrics.path", _shared(not metrics.own_port(port), metrics.path), "strategy"),
        ("strategy.prometheus", when(not strategy.prometheus, missing), "strategy"),
        (
            "strategy.steps",
            when(pods < needed, crowded),
            "strategy",
            "autoscaling.enabled",
            "autoscaling.min_replicas",
            "replicas",
        ),
        ("network.ingress_namespaces", _shut_out(strategy.prometheus, network), "strategy.prometheus"),
    ]


def _shared(is_counted: bool, path: str) -> str | None:
    """A path that users ask for too: leaving it out would leave out what they got."""
    wanted = "a trial has to tell it from requests of users; use a path that nobody else asks for"
    return when(is_counted and path.partition("?")[0] == "/", f'"{path}" is the start page, and {wanted}')


def _shut_out(prometheus: str, network: Network) -> str | None:
    """A Prometheus in the cluster that the NetworkPolicy keeps from the pods would measure nothing."""
    scraped_from, allowed = namespace(prometheus), network.ingress_namespaces
    broken = bool(scraped_from and allowed) and scraped_from not in allowed
    return when(broken, f"leaves out {scraped_from}, from where Prometheus reads the pods' metrics; add it")
