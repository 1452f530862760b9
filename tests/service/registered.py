"""A service, registered with the recording monitor."""

from collections.abc import Callable
from typing import Any

import pulumi

from components import (
    Canary,
    GoService,
    GoServiceArgs,
    RegistryLogin,
    Release,
)
from tests.support.recording import DIGEST, Recording, record

IMAGE = f"ghcr.io/acme/shop@{DIGEST}"

CANARY = Canary(prometheus="monitoring/prometheus:9090", steps=(50,))

ALWAYS = {
    "shop-namespace",
    "shop-account",
    "shop-network",
    "shop-budget",
    "shop-deployment",
    "shop-service",
    "shop-autoscaler",
}


def made(
    *, unproven: int = 0, opts: Callable[[], pulumi.ResourceOptions] | None = None, **values: Any
) -> Recording:
    given: dict[str, Any] = {"release": Release(image=IMAGE), "name": "shop"} | values

    def program() -> None:
        GoService("shop", GoServiceArgs(**given), opts() if opts else None)

    return record(program, unproven=unproven)


def objects(recording: Recording) -> set[str]:
    return {resource.name for resource in recording.resources if resource.custom}


def spec(recording: Recording) -> dict[str, Any]:
    return recording["shop-deployment"].inputs["spec"]


def pod(recording: Recording) -> dict[str, Any]:
    return spec(recording)["template"]


def container(recording: Recording) -> dict[str, Any]:
    return pod(recording)["spec"]["containers"][0]


def login(host: str = "ghcr.io") -> RegistryLogin:
    return RegistryLogin(host=host, username="robot", password="hunter2-7431")
