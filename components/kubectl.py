"""The cluster as kubectl reaches it: the same kubeconfig, credentials and proxies that people use.

Without Pulumi: the gate imports it as a program of its own.
"""

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .naming import OWN_FIELDS, PLUGIN_FIELDS, annotation

_RETRY_SECONDS = 2
_CALL_SECONDS = 30
# What kubectl says when the API server is away or has only just come back.
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


class ClusterError(Exception):
    """What kubectl could not do, in its own words."""


class NotFoundError(ClusterError):
    """There is no such object."""


class ForbiddenError(ClusterError):
    """Whoever kubectl acts for may not do this."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Which cluster is meant. Empty leaves each to kubectl, and so to KUBECONFIG."""

    kubeconfig: str = ""
    """Path of a kubeconfig."""
    context: str = ""
    """Context in it."""
    name: str = ""
    """Cluster in it, instead of the context's."""

    @property
    def flags(self) -> tuple[str, ...]:
        """Flags of kubectl."""
        given = {"kubeconfig": self.kubeconfig, "context": self.context, "cluster": self.name}
        return tuple(f"--{flag}={value}" for flag, value in given.items() if value)


def configured_cluster(setting: Callable[[str], str | None]) -> Cluster:
    """The cluster that settings of Pulumi's plugin name. Raises ClusterError where kubectl cannot follow.

    setting: value of a `kubernetes:` setting by its name, None or empty where it is not set.
    """
    kubeconfig = setting("kubeconfig") or ""
    if kubeconfig and not Path(kubeconfig).expanduser().is_file():
        raise ClusterError(
            "kubernetes:kubeconfig is not the path of a file, and kubectl, which follows releases, takes no"
            " other\n  → Save the kubeconfig to a file, and set KUBECONFIG or kubernetes:kubeconfig to that."
        )
    path = str(Path(kubeconfig).expanduser()) if kubeconfig else ""
    return Cluster(kubeconfig=path, context=setting("context") or "", name=setting("cluster") or "")


@dataclass(frozen=True, kw_only=True)
class Kubectl:
    """kubectl in one namespace. Every call is made again while the API server is away, for some time."""

    namespace: str
    """Namespace of the objects."""
    cluster: Cluster = Cluster()
    """Where it is."""
    say: Callable[[str], None] = lambda _line: None
    """Takes one line about waiting."""
    patience: int = 120
    """Longest that an API server may be away, seconds; 0 makes every call once."""

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
        """Applies fields of an object as ours, beside their other owners. Raises ClusterError."""
        self.run(
            "apply",
            "--server-side",
            "--force-conflicts",
            f"--field-manager={OWN_FIELDS}",
            "--filename=-",
            stdin=json.dumps(manifest),
        )

    def scale(self, deployment: str, replicas: int) -> None:
        """Sets the number of pods of a Deployment of Pulumi's. Raises ClusterError.

        `kubectl scale` would leave the field to an owner that Pulumi takes nothing over from.
        """
        self.patch("deployment", deployment, {"spec": {"replicas": replicas}})

    def annotate(self, kind: str, name: str, **values: str) -> None:
        """Sets annotations `goservice/KEY`. Raises ClusterError."""
        notes = {annotation(key): text for key, text in values.items()}
        self.patch(kind, name, {"metadata": {"annotations": notes}}, owner=OWN_FIELDS)

    def patch(self, kind: str, name: str, patch: Any, *, owner: str = PLUGIN_FIELDS) -> None:
        """Applies a merge patch, or a JSON patch if it is a list, to an object. Raises ClusterError.

        owner: of the fields that change.
        """
        form = "json" if isinstance(patch, list) else "merge"
        self.run(
            "patch", kind, name, f"--field-manager={owner}", "--type", form, "--patch", json.dumps(patch)
        )

    def _once(self, *arguments: str, stdin: str) -> str:
        command = [
            "kubectl",
            *self.cluster.flags,
            "--namespace",
            self.namespace,
            f"--request-timeout={_CALL_SECONDS}s",
            *arguments,
        ]
        try:
            done = subprocess.run(
                command,
                input=stdin,
                capture_output=True,
                text=True,
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
