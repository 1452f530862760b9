"""The NetworkPolicy: who may talk to the pods, and to whom they may."""

from dataclasses import dataclass
from typing import Annotated, Any

from ..shared import Between, dns_label, require, selector
from .metadata import Manifest, Owner


@dataclass(frozen=True, kw_only=True)
class Network:
    """Traffic allowed besides probes and DNS. Raises ArgsError."""

    ingress_namespaces: tuple[Annotated[str, dns_label], ...] = ()
    """Namespaces whose pods may reach the service, that of Prometheus included; empty allows all."""
    egress_ports: tuple[Annotated[int, Between(1, 65535)], ...] = (443, 5432, 6379)
    """TCP ports that the pods may connect to, besides DNS."""

    def __post_init__(self) -> None:
        require(self)


def network_policy(owner: Owner, network: Network, *, metrics_port: bool = False) -> Manifest:
    """What is not named here is refused. Without a name: what old pods are allowed lasts as long as they do.

    Ports have their names, as old pods may listen on other numbers than new ones.

    metrics_port: whether pods serve metrics on a port of its own.
    """
    names = ["http", "metrics"] if metrics_port else ["http"]
    incoming: dict[str, Any] = {"ports": [{"protocol": "TCP", "port": name} for name in names]}
    if network.ingress_namespaces:
        within = {
            "key": "kubernetes.io/metadata.name",
            "operator": "In",
            "values": list(network.ingress_namespaces),
        }
        incoming["from"] = [{"namespaceSelector": {"matchExpressions": [within]}}]
    outgoing = [{"ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]}]
    if network.egress_ports:
        outgoing.append({"ports": [{"protocol": "TCP", "port": number} for number in network.egress_ports]})
    spec = {
        "podSelector": {"matchLabels": selector(owner.name)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [incoming],
        "egress": outgoing,
    }
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": owner.unnamed,
        "spec": spec,
    }
