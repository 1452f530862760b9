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
SETTLE_SECONDS = 10


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


def wait_until_ready(
    address: Address, pause: Callable[[float], None], version: str = "", seconds: float = ANSWER_SECONDS
) -> str:
    """Waits until a service responds. Returns the first line of its response. Raises StepError if it fails.

    version: of the release; empty if unknown. For SETTLE_SECONDS, responses without it are not accepted, as
    they may come from old pods.
    """
    start = time.monotonic()
    end = start + seconds
    while True:
        try:
            answer = httpx.get(address.url, timeout=5, trust_env=False)
            # Compares words, because abc123 is another version than abc123-dirty.
            has_version = not version or version in answer.text.split()
            settled = has_version or time.monotonic() > start + SETTLE_SECONDS
            if answer.status_code < 500 and settled:
                return next(iter(answer.text.splitlines()), "")
            problem = f"HTTP {answer.status_code}"
        except httpx.HTTPError as error:
            problem = str(error) or type(error).__name__
        if time.monotonic() > end:
            namespace = address.service.partition("/")[0]
            raise StepError(
                f"{address.service} does not respond at {address.url}: {problem}",
                f"See its pods: python -m local exec -- kubectl get pods -n {namespace}",
            )
        pause(0.25)
