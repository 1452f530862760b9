"""A small API server in this process: objects with managers, and nothing that acts on them."""

from __future__ import annotations

import copy
import json
import re
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Object = dict[str, Any]

_KINDS = {
    "/api/v1": {
        "ConfigMap": ("configmaps", True),
        "Event": ("events", True),
        "Namespace": ("namespaces", False),
        "Pod": ("pods", True),
        "Secret": ("secrets", True),
        "Service": ("services", True),
    },
    "/apis/apps/v1": {"Deployment": ("deployments", True), "ReplicaSet": ("replicasets", True)},
    "/apis/batch/v1": {"Job": ("jobs", True)},
    "/apis/discovery.k8s.io/v1": {"EndpointSlice": ("endpointslices", True)},
}
_PATH = re.compile(
    r"(?P<base>/api/v1|/apis/[^/]+/[^/]+)(?:/namespaces/(?P<namespace>[^/]+)(?=/))?"
    r"/(?P<plural>[a-z]+)(?:/(?P<name>[^/]+))?"
)


class Refusal(Exception):  # noqa: N818 - what it is to the client
    """An answer that is no success."""

    def __init__(self, status: int, message: str, **body: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"kind": "Status", "code": status, "message": message, **body}


class FakeApi:
    """Keeps objects by path; dry runs change nothing.

    Attributes:
        objects: Objects by path.
        owners: Who owns a leaf, by object path and leaf.
        requests: Method and path of what was asked, dry runs as "DRY".
        refusals: Answers to give instead, by method.
        keep: Leave deleted objects, being deleted for ever.
    """

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.owners: dict[tuple[str, str], str] = {}
        self.requests: list[tuple[str, str]] = []
        self.refusals: dict[str, Refusal] = {}
        self.keep = False
        self._uid = 0
        self._lock = threading.Lock()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16  # one packet per answer

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                parts = urlsplit(self.path)
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                with api._lock:
                    try:
                        status, answer = 200, api.answer(self.command, parts.path, query, body)
                    except Refusal as refusal:
                        status, answer = refusal.status, refusal.body
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PATCH = do_POST = do_DELETE = _answer  # noqa: N815 - named by the base class

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def kubeconfig(self) -> str:
        server = f"http://127.0.0.1:{self.http.server_port}"
        return json.dumps(
            {
                "current-context": "test",
                "contexts": [{"name": "test", "context": {"cluster": "test", "namespace": "shop"}}],
                "clusters": [{"name": "test", "cluster": {"server": server}}],
            }
        )

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    def writes(self) -> list[tuple[str, str]]:
        return [request for request in self.requests if request[0] != "GET"]

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Object:
        self.requests.append(("DRY" if "dryRun" in query else method, path))
        if method == "GET" and path in _KINDS:
            entries = _KINDS[path].items()
            return {"resources": [{"kind": k, "name": n, "namespaced": ns} for k, (n, ns) in entries]}
        match = _PATH.fullmatch(path)
        if match is None or match["plural"] not in {n for n, _ in _KINDS.get(match["base"], {}).values()}:
            raise Refusal(404, "the server could not find the requested resource")
        if refusal := self.refusals.get(method):
            raise refusal
        if method == "GET" and not match["name"]:
            return {"items": [obj for key, obj in self.objects.items() if key.startswith(f"{path}/")]}
        if method in {"GET", "DELETE"} and path not in self.objects:
            raise Refusal(
                404, f"{match['plural']} {match['name']!r} not found", details={"kind": match["plural"]}
            )
        if method == "GET":
            return self.objects[path]
        if method == "DELETE":
            return self._delete(path)
        namespace = match["namespace"]
        if namespace and f"/api/v1/namespaces/{namespace}" not in self.objects:
            details = {"kind": "namespaces", "name": namespace}
            raise Refusal(404, f'namespaces "{namespace}" not found', details=details)
        return self._write(path if match["name"] else f"{path}/{body['metadata']['name']}", query, body)

    def _delete(self, path: str) -> Object:
        if self.keep:
            self.objects[path]["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
            return self.objects[path]
        return self.objects.pop(path)

    def _write(self, path: str, query: Mapping[str, str], body: Object) -> Object:
        manager, force = query["fieldManager"], query.get("force") == "true"
        old = self.objects.get(path, {})
        leaves = dict(_leaves(body))
        conflicts = [
            (leaf, owner)
            for leaf, value in (leaves if old else {}).items()
            if (owner := self.owners.get((path, leaf), manager)) != manager
            and dict(_leaves(old)).get(leaf) != value
        ]
        if conflicts and not force:
            causes = [
                {"reason": "FieldManagerConflict", "field": leaf, "message": f'conflict with "{owner}"'}
                for leaf, owner in conflicts
            ]
            raise Refusal(409, "Apply failed", reason="Conflict", details={"causes": causes})
        new = _merge(old, body)
        if not old:
            self._uid += 1
            managed = {"manager": manager, "operation": "Apply" if "force" in query else "Update"}
            new["metadata"] |= {
                "uid": str(self._uid),
                "creationTimestamp": "t",
                "managedFields": [managed],
            }
        new["metadata"]["resourceVersion"] = str(len(self.requests))
        new["metadata"]["generation"] = new["metadata"].get("generation", 0) + 1
        new.setdefault("status", {})
        if "dryRun" not in query:
            self.objects[path] = new
            self.owners |= {(path, leaf): manager for leaf in leaves}
        return new


def _leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in _leaves(item, f"{path}.{key}")]
    return [(path, value)]


def _merge(old: Any, new: Any) -> Any:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return copy.deepcopy(new)
    merged = {**copy.deepcopy(old), **{key: _merge(old.get(key), item) for key, item in new.items()}}
    return {key: item for key, item in merged.items() if item is not None}
