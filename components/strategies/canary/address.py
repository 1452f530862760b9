"""The address of a Prometheus: a URL, or a Service that is reached through the API server."""

import ipaddress
import re
import urllib.parse

from ...shared import when

_THROUGH_API = re.compile(r"(https:)?(?P<namespace>[a-z0-9-]+)/[a-z0-9-]+:[a-z0-9-]+(/[\w.~/-]*)?", re.ASCII)
_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")


def address(text: str) -> str | None:
    """Check of an address; what has a user in it is not repeated."""
    if "@" in text:
        remedy = "set canary.prometheusUsername and canary.prometheusPassword"
        return f"has credentials, which would be in clear; {remedy}"
    wanted = (
        "use a URL (http://prometheus.example.com) or namespace/service:port (monitoring/prometheus:9090)"
    )
    broken = not _URL.fullmatch(text) and not _THROUGH_API.fullmatch(text)
    return when(broken, f'"{text}" is not the address of a Prometheus; {wanted}')


def namespace(text: str) -> str:
    """Namespace of a Prometheus that is reached through the API server; empty for a URL."""
    match = _THROUGH_API.fullmatch(text)
    return match["namespace"] if match else ""


def is_https(text: str) -> bool:
    """Whether this machine and Prometheus talk TLS."""
    return text.startswith("https://")


def is_readable(text: str) -> bool:
    """Whether others on the way can read what is sent: http to another machine."""
    if not text.startswith("http://"):
        return False
    host = urllib.parse.urlsplit(text).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
