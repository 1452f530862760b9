"""How the gate reaches Prometheus, from the settings of a canary."""

from dataclasses import replace
from typing import cast

import pulumi

from ...analysis import PrometheusAccess
from ...kubernetes import Metrics, Probes
from .address import is_readable
from .args import Canary
from .login import authorization


def prometheus_access(canary: Canary) -> PrometheusAccess:
    """The Prometheus of a canary whose secrets are known: outside of a program, or of `with_secrets`."""
    headers = cast("dict[str, str]", dict(canary.prometheus_headers))
    password, token = cast("tuple[str, str]", (canary.prometheus_password, canary.prometheus_token))
    login = authorization(canary.prometheus_username, password, token)
    return PrometheusAccess(address=canary.prometheus, headers={**headers, **login}, ca=canary.prometheus_ca)


def with_secrets(canary: Canary) -> pulumi.Output[Canary]:
    """The same canary once its secrets are known; secret if it has any."""
    secrets = {
        "prometheus_headers": dict(canary.prometheus_headers),
        "prometheus_password": canary.prometheus_password,
        "prometheus_token": canary.prometheus_token,
    }
    if not any(secrets.values()):
        return pulumi.Output.from_input(canary)
    return pulumi.Output.secret(secrets).apply(lambda known: replace(canary, **known))


def login_warning(canary: Canary) -> str:
    """What should be known of a login that is sent in clear; empty if there is nothing to say."""
    if not canary.has_login or not is_readable(canary.prometheus):
        return ""
    return (
        f"canary.prometheus: {canary.prometheus} is not encrypted, so others on the way can read the login;"
        " use https://, with canary.prometheusCa for an authority of your own"
    )


def own_paths(probes: Probes, metrics: Metrics, port: int) -> tuple[str, ...]:
    """HTTP paths of a service whose requests are never traffic: those of the kubelet and of Prometheus.

    port: of the service. What is served on another one is not counted with its requests.
    """
    asked = (probes.liveness_path, probes.readiness_path) if probes.probe == "http" else ()
    return asked if metrics.own_port(port) else (*asked, metrics.path)
