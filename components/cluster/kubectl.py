"""The cluster as kubectl reaches it: with the kubeconfig, credentials and proxies that people use."""

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..shared import OWN_FIELDS, PLUGIN_FIELDS
from .errors import ClusterError, ForbiddenError, NotFoundError
from .kubeconfig import Cluster

_RETRY_SECONDS = 2
_CALL_SECONDS = 30
# Errors of kubectl while the API server is away, or has only just come back.
_AWAY = (
    "was refused",
    "Unable to connect to the server",
    "i/o timeout",
    "connection reset",
    "unexpected EOF",
    "TLS handshake timeout",
    "no route to host",
    "ServiceUnavailable",
    "etcdserver",
    "is currently unable to handle the request",
    "request timed out",
    "Client.Timeout exceeded",
    "deadline exceeded",
    "apiserver not ready",
    "kubectl gave no answer",
)


@dataclass(frozen=True, kw_only=True)
class Kubectl:
    """kubectl in one namespace. Calls are repeated while the API server is away."""

    namespace: str
    """Namespace of the objects."""
    cluster: Cluster = field(default_factory=Cluster)
    """The cluster."""
    say: Callable[[str], None] = lambda _line: None
    """Takes one line about waiting."""
    patience: int = 120
    """Maximum time that an API server may be away, seconds; 0 makes every call once."""

    def run(self, *arguments: str, stdin: str = "") -> str:
        """Output of a command. Raises ClusterError."""
        deadline = time.monotonic() + self.patience
        told = False
        while True:
            try:
                return self._once(*arguments, stdin=stdin)
            except ClusterError as error:
                if not any(sign in str(error) for sign in _AWAY) or time.monotonic() > deadline:
                    raise
                if not told:
                    self.say(f"the API server does not answer, trying again: {_last_line(str(error))}")
                    told = True
            time.sleep(_RETRY_SECONDS)

    def get(self, kind: str, name: str) -> dict[str, Any] | None:
        """An object; None if there is none. Raises ClusterError."""
        try:
            return json.loads(self.run("get", kind, name, "--output", "json"))
        except NotFoundError:
            return None

    def list_everywhere(self, kind: str) -> list[dict[str, Any]]:
        """All objects of a kind in all namespaces. Raises ClusterError."""
        return json.loads(self.run("get", kind, "--all-namespaces", "--output", "json"))["items"]

    def list(self, kind: str, labels: Mapping[str, str]) -> list[dict[str, Any]]:
        """Objects with all of the labels. Raises ClusterError."""
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        return json.loads(self.run("get", kind, "--selector", selector, "--output", "json"))["items"]

    def apply(self, manifest: Mapping[str, Any]) -> None:
        """Applies fields of an object with a field manager of our own. Raises ClusterError."""
        self.run(
            "apply",
            "--server-side",
            "--force-conflicts",
            f"--field-manager={OWN_FIELDS}",
            "--filename=-",
            stdin=json.dumps(manifest),
        )

    def scale(self, deployment: str, replicas: int) -> None:
        """Sets the number of pods of a Deployment that Pulumi manages. Raises ClusterError.

        Not by `kubectl scale`, whose field manager the plugin does not take over from.
        """
        self.patch("deployment", deployment, {"spec": {"replicas": replicas}})

    def annotate(self, kind: str, name: str, values: Mapping[str, str | None]) -> None:
        """Sets annotations by their keys, or removes those that are None. Updates by Pulumi leave them.

        Raises ClusterError.
        """
        self.patch(kind, name, {"metadata": {"annotations": dict(values)}}, owner=OWN_FIELDS)

    def patch(self, kind: str, name: str, patch: Any, *, owner: str = PLUGIN_FIELDS) -> None:
        """Applies a merge patch, or a JSON patch if it is a list, to an object. Raises ClusterError.

        owner: field manager of the fields that change.
        """
        form = "json" if isinstance(patch, list) else "merge"
        self.run(
            "patch", kind, name, f"--field-manager={owner}", "--type", form, "--patch", json.dumps(patch)
        )

    def _once(self, *arguments: str, stdin: str) -> str:
        with self.cluster.flags() as flags:
            return _run(
                "kubectl",
                *flags,
                "--namespace",
                self.namespace,
                f"--request-timeout={_CALL_SECONDS}s",
                *arguments,
                stdin=stdin,
            )


def _run(*command: str, stdin: str) -> str:
    try:
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="replace",  # logs may have any bytes
            timeout=2 * _CALL_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise ClusterError("kubectl was not found; install it and put it on PATH") from None
    except subprocess.TimeoutExpired:
        raise ClusterError(f"kubectl gave no answer within {2 * _CALL_SECONDS} s") from None
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.strip() or f"kubectl exited with code {done.returncode}"
    kinds = {"(NotFound)": NotFoundError, "(Forbidden)": ForbiddenError}
    raise next((kind for sign, kind in kinds.items() if sign in said), ClusterError)(said)


def _last_line(text: str) -> str:
    return text.splitlines()[-1]
