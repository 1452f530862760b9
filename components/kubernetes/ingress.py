"""The optional Ingress, always with TLS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from ..shared import dns_subdomain, holds_credential, or_empty, require, when
from .metadata import Manifest, Owner


@dataclass(frozen=True, kw_only=True)
class Ingress:
    """Host and certificate of an Ingress. Raises ArgsError."""

    host: Annotated[str, or_empty(dns_subdomain)] = ""
    """Host name; empty makes no Ingress."""
    class_name: Annotated[str, or_empty(dns_subdomain)] = ""
    """Ingress class; empty uses the cluster's default."""
    tls_secret: Annotated[str, or_empty(dns_subdomain)] = ""
    """Name of the TLS secret, such as one that cert-manager makes; required with a host."""
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    """Annotations of the Ingress, such as cert-manager's issuer."""

    def __post_init__(self) -> None:
        no_tls = bool(self.host) and not self.tls_secret
        no_host = bool(self.tls_secret) and not self.host
        require(
            self,
            ("tls_secret", when(no_tls, f'is empty, and "{self.host}" needs TLS; name a TLS secret'), "host"),
            ("host", when(no_host, "is empty while a TLS secret is set; name the host"), "tls_secret"),
            *((f"annotations.{name}", _in_clear(text)) for name, text in self.annotations.items()),
        )


def ingress(owner: Owner, settings: Ingress) -> Manifest:
    """Sends every path of the host to the port `http` of the Service."""
    backend = {"service": {"name": owner.name, "port": {"name": "http"}}}
    rule = {
        "host": settings.host,
        "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
    }
    named_class = {"ingressClassName": settings.class_name} if settings.class_name else {}
    spec: dict[str, Any] = named_class | {
        "tls": [{"hosts": [settings.host], "secretName": settings.tls_secret}],
        "rules": [rule],
    }
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": owner.named | {"annotations": dict(settings.annotations)},
        "spec": spec,
    }


def _in_clear(text: str) -> str | None:
    wanted = "name a Secret that holds it, where the controller has an annotation for that"
    return when(holds_credential(text), f"looks like a credential in clear; {wanted}")
