"""What a pod answers to a GET through the API server, which reaches pods that people cannot."""

import json
import re
import subprocess
import threading
from http.client import HTTPConnection, HTTPException
from typing import Any

from ..kubectl import Kubectl

_SECONDS = 10
_BYTES = 4096


def answer(cluster: Kubectl, pod: str, port: int, path: str) -> tuple[int, str] | None:
    """Status code and start of the body; None without an answer within 10 s.

    Not by `kubectl get --raw`, which drops the body of most answers above 299.
    """
    target = f"/api/v1/namespaces/{cluster.namespace}/pods/{pod}:{port}/proxy{path}"
    only_this = f"--accept-paths=^{re.escape(target.partition('?')[0])}$"
    try:
        with cluster.cluster.flags() as flags, _proxy(flags, only_this) as proxy:
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


def _proxy(flags: tuple[str, ...], only_this: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["kubectl", *flags, "proxy", "--port=0", only_this, "--reject-methods=^(POST|PUT|PATCH|DELETE)$"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


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
