"""Addresses of the embedded node's services on this machine."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from local.kubernetes import NODE_PORTS
from local.steps import StepError

ANSWER_SECONDS = 60
# kube-proxy writes its rules at most this often.
PROXY_SECONDS = 1


@dataclass(frozen=True, kw_only=True)
class Address:
    """A service and the loopback address of its node port."""

    service: str
    url: str


def addresses(listed: str) -> list[Address]:
    """Services with published node ports. listed: output of `kubectl get services -A -o json`."""
    items: list[dict[str, Any]] = json.loads(listed)["items"]
    return [
        Address(
            service=f"{item['metadata']['namespace']}/{item['metadata']['name']}",
            url=f"http://127.0.0.1:{port['nodePort']}/",
        )
        for item in items
        for port in item["spec"].get("ports", [])
        if port.get("nodePort") in NODE_PORTS
    ]


def serves_only(listed: str, service: str, image: str) -> bool:
    """Whether every endpoint of a service that takes traffic is a pod of an image; False without endpoints.

    listed: output of `kubectl get endpointslices,pods -o json` of its namespace.
    """
    items: list[dict[str, Any]] = json.loads(listed)["items"]
    images = {
        item["metadata"]["name"]: {container["image"] for container in item["spec"]["containers"]}
        for item in items
        if item["kind"] == "Pod"
    }
    pods = [
        endpoint.get("targetRef", {}).get("name", "")
        for item in items
        if item["kind"] == "EndpointSlice"
        and item["metadata"]["labels"].get("kubernetes.io/service-name") == service
        for endpoint in item.get("endpoints") or []
        if endpoint.get("conditions", {}).get("ready", True)
    ]
    return bool(pods) and all(image in images.get(pod, ()) for pod in pods)


def wait_until_ready(
    address: Address,
    pause: Callable[[float], None],
    version: str = "",
    is_rolled_out: Callable[[], bool] = lambda: True,
    seconds: float = ANSWER_SECONDS,
) -> str:
    """Waits until a service responds. Returns the first line of its response. Raises StepError if it fails.

    version: of the release; empty if unknown. Once the service has rolled out, responses without it are
    refused for no longer than the proxy of the node may still lead to old pods.
    """
    end = time.monotonic() + seconds
    rolled_out = None
    while True:
        if rolled_out is None and is_rolled_out():
            rolled_out = time.monotonic()
        try:
            answer = httpx.get(address.url, timeout=5, trust_env=False)
            # Compares words, because abc123 is another version than abc123-dirty.
            has_version = not version or version in answer.text.split()
            settled = rolled_out is not None and (
                has_version or time.monotonic() > rolled_out + PROXY_SECONDS
            )
            if answer.status_code < 500 and settled:
                return next(iter(answer.text.splitlines()), "")
            problem = f"HTTP {answer.status_code}" + ("" if rolled_out else ", and old pods still serve")
        except httpx.HTTPError as error:
            problem = str(error) or type(error).__name__
        if time.monotonic() > end:
            namespace = address.service.partition("/")[0]
            raise StepError(
                f"{address.service} does not respond at {address.url}: {problem}",
                f"See its pods: python -m local exec -- kubectl get pods -n {namespace}",
            )
        pause(0.25)
