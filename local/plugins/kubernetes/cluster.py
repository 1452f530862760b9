"""One cluster as the plugin sees it: its kinds, its objects, and the settings it is used with."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from local.plugins.base import PluginError
from local.plugins.kubernetes import kubeconfig
from local.plugins.kubernetes.client import Client
from local.plugins.kubernetes.discovery import Discovery, Resource
from local.plugins.kubernetes.errors import ApiError, Unreachable
from local.plugins.kubernetes.objects import Gvk, Object
from local.plugins.kubernetes.settings import Settings


class Cluster:
    """Reads objects; finding a connection is left to `connect`.

    Attributes:
        settings: The provider's configuration.
        client: Its connection.
        discovery: Its kinds.
        namespace: Where objects go that name no namespace.
        taken: Objects that resources have taken on in this run, by URN and id.
    """

    def __init__(self, settings: Settings, client: Client) -> None:
        self.settings = settings
        self.client = client
        self.discovery = Discovery(client)
        self.namespace = settings.namespace or client.connection.namespace
        self.taken: set[tuple[str, str]] = set()

    def get(self, resource: Resource, namespace: str, name: str) -> Object | None:
        """One object, None when it is not there."""
        try:
            return self.client.request("GET", resource.path(namespace, name)).body
        except ApiError as error:
            if error.not_found:
                return None
            raise

    def find(self, gvk: Gvk, namespace: str, name: str) -> Object | None:
        """One object, None when it or its kind is not there."""
        resource = self.discovery.find(gvk)
        return None if resource is None else self.get(resource, namespace, name)

    def list(self, gvk: Gvk, namespace: str, query: Mapping[str, str] | None = None) -> Sequence[Object]:
        """All objects of a kind in a namespace that a label or field selector matches."""
        resource = self.discovery.find(gvk)
        if resource is None:
            return []
        return self.client.request("GET", resource.path(namespace), query=query or {}).body.get("items", [])

    def log(self, namespace: str, pod: str, container: str, *, previous: bool, lines: int) -> str:
        """The last lines a container has written."""
        pods = Resource(base="/api/v1", plural="pods", namespaced=True)
        query = {"container": container, "previous": str(previous).lower(), "tailLines": str(lines)}
        return self.client.text(f"{pods.path(namespace, pod)}/log", query=query)


def connect(
    settings: Settings, environ: Mapping[str, str], *, user_agent: str, cancelled: threading.Event
) -> Cluster:
    """Finds the kubeconfig a configuration asks for; nothing is sent yet.

    Raises:
        Unreachable: There is none, or it cannot be used.
    """
    try:
        connection = kubeconfig.load(
            kubeconfig=settings.kubeconfig,
            context=settings.context,
            cluster=settings.cluster,
            environ=environ,
        )
    except PluginError as error:
        raise Unreachable(str(error)) from error
    return Cluster(settings, Client(connection, user_agent=user_agent, cancelled=cancelled))


def selector_of(obj: Mapping[str, Any]) -> str:
    """A workload's spec.selector as the text of a label selector."""
    selector = (obj.get("spec") or {}).get("selector") or {}
    if "matchLabels" not in selector and "matchExpressions" not in selector:
        return ",".join(f"{key}={value}" for key, value in selector.items())
    parts = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for item in selector.get("matchExpressions") or []:
        values = ",".join(item.get("values") or [])
        forms = {
            "In": f"{item['key']} in ({values})",
            "NotIn": f"{item['key']} notin ({values})",
            "Exists": item["key"],
            "DoesNotExist": f"!{item['key']}",
        }
        parts.append(forms[item["operator"]])
    return ",".join(parts)
