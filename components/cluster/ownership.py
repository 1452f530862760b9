"""Refuses objects of others, which the plugin would take over.

It creates by server-side apply: an object of the same name is changed, and later deleted with the stack. See
provider/pkg/await/await.go of pulumi-kubernetes 4.25, Creation.
"""

import time
from collections.abc import Callable
from typing import Any

from ..shared import MANAGED, RESTRICTED, labels
from .errors import ForbiddenError
from .kubectl import Kubectl

_LEAVING_SECONDS = 120


def refuse_foreign(cluster: Kubectl, wanted: dict[str, Any], service: str) -> dict[str, Any] | None:
    """The existing object of a manifest's kind and name, or None. Raises RuntimeError if it is another's."""
    kind, called = wanted["kind"], wanted["metadata"]["name"]
    found = cluster.get(kind.lower(), called)
    if found and not is_ours(found, service):
        place = "the cluster" if kind == "Namespace" else f"namespace {cluster.namespace}"
        remedy = (
            "set service.createNamespace to false, or choose another service.namespace"
            if kind == "Namespace"
            else "choose another service.name or service.namespace"
        )
        raise RuntimeError(f"{place} has a {kind} {called} that is not this service's; {remedy}")
    if kind == "Service":
        refuse_taken_ports(cluster, wanted, called)
    return found


def wait_until_gone(
    cluster: Kubectl, found: dict[str, Any] | None, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Waits for an object that is being deleted. Raises RuntimeError if that takes over two minutes."""
    waited = 0
    while found and "deletionTimestamp" in found["metadata"]:
        kind, called = found["kind"], found["metadata"]["name"]
        if not waited:
            cluster.say(f"{kind} {called} is still being deleted; waiting for it")
        if waited == _LEAVING_SECONDS:
            raise RuntimeError(f"{kind} {called} has been in deletion for {waited} s; see its finalizers")
        sleep(1)
        waited += 1
        found = cluster.get(kind.lower(), called)


def refuse_taken_ports(cluster: Kubectl, wanted: dict[str, Any], called: str) -> None:
    """Raises RuntimeError if another Service of the cluster has a node port that a new one asks for."""
    ports = {port.get("nodePort") for port in wanted["spec"]["ports"]} - {None}
    if not ports:
        return
    try:
        others = cluster.list_everywhere("services")
    except ForbiddenError:
        return  # the API server refuses the port itself, if later
    for other in others:
        metadata = other["metadata"]
        taken = ports & {port.get("nodePort") for port in other["spec"].get("ports", [])}
        if taken and (metadata["namespace"], metadata["name"]) != (cluster.namespace, called):
            raise RuntimeError(
                f"Service {metadata['namespace']}/{metadata['name']} has node port {min(taken):.0f}, and two "
                "cannot have it at a time; choose another service.nodePort"
            )


def is_ours(found: dict[str, Any], service: str) -> bool:
    """Whether an object, as the API server gives it, has the labels of every object of the service.

    A namespace may be shared: it only has to be managed by Pulumi, and to refuse unrestricted pods.
    """
    wanted = MANAGED | RESTRICTED if found["kind"] == "Namespace" else labels(service)
    return wanted.items() <= found["metadata"].get("labels", {}).items()
