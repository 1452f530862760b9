"""Which kinds the API server has, and where: asked once per group and version, when first needed."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from urllib.parse import quote

from local.plugins.kubernetes.client import Client
from local.plugins.kubernetes.errors import ApiError
from local.plugins.kubernetes.objects import Gvk


@dataclass(frozen=True, kw_only=True)
class Resource:
    """Where the objects of one kind live.

    Attributes:
        base: Path of the group and version, such as /apis/apps/v1.
        plural: Last part of the path, such as deployments.
        namespaced: Whether its objects belong to a namespace.
    """

    base: str
    plural: str
    namespaced: bool

    def path(self, namespace: str, name: str = "") -> str:
        """Path of one object, or of all of them without a name."""
        middle = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced and namespace else ""
        return f"{self.base}{middle}/{self.plural}" + (f"/{quote(name, safe='')}" if name else "")


class Discovery:
    """The kinds of one API server, remembered until `forget`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._known: dict[str, dict[str, Resource]] = {}

    def find(self, gvk: Gvk) -> Resource | None:
        """The place of a kind, None when the server does not have it."""
        with self._lock:
            if gvk.api_version not in self._known:
                kinds = self._ask(gvk)
                if gvk.kind not in kinds:  # it may be defined at any moment
                    return None
                self._known[gvk.api_version] = kinds
            return self._known[gvk.api_version].get(gvk.kind)

    def forget(self) -> None:
        """Asks anew from now on; for after a definition of a kind has changed."""
        with self._lock:
            self._known.clear()

    def _ask(self, gvk: Gvk) -> dict[str, Resource]:
        base = f"/apis/{gvk.api_version}" if gvk.group else f"/api/{gvk.version}"
        try:
            answer = self._client.request("GET", base).body
        except ApiError as error:
            if error.not_found:
                return {}
            raise
        return {
            entry["kind"]: Resource(base=base, plural=entry["name"], namespaced=entry["namespaced"])
            for entry in answer.get("resources", [])
            if "/" not in entry["name"]
        }
