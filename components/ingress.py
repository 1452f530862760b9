"""The optional way in from outside the cluster, always with TLS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .config_data import holds_credential
from .rules import dns_subdomain, require, when


@dataclass(frozen=True, kw_only=True)
class Ingress:
    """Host and certificate of an Ingress. Raises ArgsError."""

    host: str = ""
    """Host name; empty means no Ingress."""
    class_name: str = ""
    """Ingress class; empty uses the cluster's default."""
    tls_secret: str = ""
    """Name of the TLS secret, such as one cert-manager makes; required with a host."""
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    """Annotations of the Ingress object."""

    def __post_init__(self) -> None:
        no_tls = bool(self.host) and not self.tls_secret
        no_host = bool(self.tls_secret) and not self.host
        require(
            self,
            ("host", dns_subdomain(self.host) if self.host else None),
            ("class_name", dns_subdomain(self.class_name) if self.class_name else None),
            ("tls_secret", dns_subdomain(self.tls_secret) if self.tls_secret else None),
            ("tls_secret", when(no_tls, f'is empty, and "{self.host}" needs TLS; name a TLS secret'), "host"),
            ("host", when(no_host, "is empty while a TLS secret is set; name the host"), "tls_secret"),
            *((f"annotations.{name}", _in_clear(text)) for name, text in self.annotations.items()),
        )


def _in_clear(text: str) -> str | None:
    wanted = "name a Secret that holds it, where the controller has an annotation for that"
    return when(holds_credential(text), f"looks like a credential in clear; {wanted}")


def ingress_spec(ingress: Ingress, service: str) -> dict[str, Any]:
    """Ingress spec that sends every path of the host to the port `http` of a service."""
    backend = {"service": {"name": service, "port": {"name": "http"}}}
    rule = {
        "host": ingress.host,
        "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
    }
    spec: dict[str, Any] = {
        "tls": [{"hosts": [ingress.host], "secretName": ingress.tls_secret}],
        "rules": [rule],
    }
    return {"ingressClassName": ingress.class_name} | spec if ingress.class_name else spec
