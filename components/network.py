"""Who may talk to the pods, and to whom they may."""

from dataclasses import dataclass
from typing import Any

from .rules import dns_label, in_range, require


@dataclass(frozen=True, kw_only=True)
class Network:
    """Traffic allowed besides probes and DNS. Raises ArgsError."""

    ingress_namespaces: tuple[str, ...] = ()
    """Namespaces whose pods may reach the service; empty allows every source."""
    egress_ports: tuple[int, ...] = (443, 5432, 6379)
    """TCP ports the pods may connect to."""

    def __post_init__(self) -> None:
        require(
            self,
            *(("ingress_namespaces", dns_label(namespace)) for namespace in self.ingress_namespaces),
            *(("egress_ports", in_range(port, 1, 65535)) for port in self.egress_ports),
        )


def network_policy_spec(network: Network, selector: dict[str, str]) -> dict[str, Any]:
    """NetworkPolicy spec: what is not named here is refused.

    The port has its name, as old pods may listen on another number than new ones.
    """
    incoming: dict[str, Any] = {"ports": [{"protocol": "TCP", "port": "http"}]}
    if network.ingress_namespaces:
        names = {
            "key": "kubernetes.io/metadata.name",
            "operator": "In",
            "values": list(network.ingress_namespaces),
        }
        incoming["from"] = [{"namespaceSelector": {"matchExpressions": [names]}}]
    outgoing = [{"ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]}]
    if network.egress_ports:
        outgoing.append({"ports": [{"protocol": "TCP", "port": number} for number in network.egress_ports]})
    return {
        "podSelector": {"matchLabels": selector},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [incoming],
        "egress": outgoing,
    }
