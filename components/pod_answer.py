"""What a pod answers to a GET, asked through the API server, which reaches pods that people do not.

Without Pulumi: the gate imports it as a program of its own.
"""

import json
import re
import subprocess
import threading
from http.client import HTTPConnection, HTTPException
from typing import Any

from .kubectl import Kubectl

_SECONDS = 10
_BYTES = 4096


def answer(cluster: Kubectl, pod: str, port: int, path: str) -> tuple[int, str] | None:
    """Status code and body, of which the start; None if the pod gave none in 10 s.

    `kubectl get --raw` would do, but keeps the body of most answers above 299 to itself.
    """
    target = f"/api/v1/namespaces/{cluster.namespace}/pods/{pod}:{port}/proxy{path}"
    only_this = f"--accept-paths=^{re.escape(target.partition('?')[0])}$"
    try:
        with subprocess.Popen(
            [
                "kubectl",
                *cluster.cluster.flags,
                "proxy",
                "--port=0",
                only_this,
                "--reject-methods=^(POST|PUT|PATCH|DELETE)$",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as proxy:
            limit = threading.Timer(_SECONDS, proxy.kill)
            limit.start()
            try:
                found = re.search(r"127\.0\.0\.1:(\d+)", proxy.stdout.readline() if proxy.stdout else "")
                return _get(int(found[1]), target) if found else None
            finally:
                limit.cancel()
                proxy.kill()
    except (OSError, HTTPException):
        return None


def _get(port: int, target: str) -> tuple[int, str] | None:
    connection = HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", target)
        response = connection.getresponse()
        body = response.read(_BYTES).decode(errors="replace")
        return None if _is_of_api_server(body) else (response.status, body)
    finally:
        connection.close()


def _is_of_api_server(body: str) -> bool:
    """Whether the API server answered itself, as when the pod cannot be reached or must not be asked."""
    try:
        said: dict[str, Any] = json.loads(body)
        return (said["kind"], said["apiVersion"]) == ("Status", "v1")
    except (ValueError, KeyError, TypeError):
        return False
