"""The Service in front of the pods."""

from dataclasses import dataclass
from typing import Any, Literal

from ..shared import Between, require, selector, when
from .metadata import Manifest, Owner

ServiceType = Literal["ClusterIP", "NodePort", "LoadBalancer"]
_NODE_PORTS = Between(30000, 32767)


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """Where the service can be reached from. Raises ArgsError."""

    type: ServiceType = "ClusterIP"
    """Kind of the Kubernetes Service."""
    node_port: int = 0
    """Node port of a NodePort service, 30000-32767; 0 lets the cluster choose."""

    def __post_init__(self) -> None:
        stray = when(
            bool(self.node_port) and self.type != "NodePort",
            f"{self.node_port} needs the type NodePort, not {self.type}; set the type, or leave the port out",
        )
        require(
            self,
            ("node_port", _NODE_PORTS(self.node_port) if self.node_port else None),
            ("node_port", stray, "type"),
        )


def service(owner: Owner, exposure: Exposure) -> Manifest:
    """Port 80, named http, in front of the pods of all tracks."""
    port: dict[str, Any] = {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}
    if exposure.node_port:
        port["nodePort"] = exposure.node_port
    spec = {"type": exposure.type, "selector": selector(owner.name), "ports": [port]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": owner.named, "spec": spec}
