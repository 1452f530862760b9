"""Rules between a canary and what is around it: its pods and the NetworkPolicy."""

from ...analysis import stable_pods_needed
from ...kubernetes import Network
from ...shared import when
from .address import namespace
from .args import Canary


def canary_checks(
    strategy: object, network: Network, pods: int
) -> list[tuple[str, str | None, *tuple[str, ...]]]:
    """Checks of a canary with what is around it; none of another strategy.

    pods: minimum number of stable pods.
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
    return [
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


def _shut_out(prometheus: str, network: Network) -> str | None:
    """A Prometheus in the cluster that the NetworkPolicy keeps from the pods would measure nothing."""
    scraped_from, allowed = namespace(prometheus), network.ingress_namespaces
    broken = bool(scraped_from and allowed) and scraped_from not in allowed
    return when(broken, f"leaves out {scraped_from}, from where Prometheus reads the pods' metrics; add it")
