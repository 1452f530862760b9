"""What the API server answers when it refuses, in words that help."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.plugins.base import PluginError
from local.plugins.kubernetes.connection import Connection
from local.plugins.kubernetes.managers import by_hand

_CONFLICT = re.compile(r'conflict with "(?P<manager>[^"]+)"(?: with subresource "(?P<subresource>[^"]+)")?')
_FORBIDDEN = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\S+) resource "(?P<resource>[^"]*)" '
    r'in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]*)"| at the cluster scope)'
)
_UNDECLARED = re.compile(r"(?P<field>\.\S+): field not declared in schema")
_SCHEMA = re.compile(
    r"failed to create typed patch object \([^)]*\): "
    r"|failed to convert new object \([^)]*\) to proper version: "
    r"unable to convert unstructured object to [^:]*: "
)
_GO_VALUE = re.compile(r"&value\.valueUnstructured\{Value:(.*?)\}")


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One reason among several of a refusal, as the API server gives it."""

    type: str
    field: str
    message: str


class ApiError(Exception):
    """An answer with a status of 400 or more."""

    def __init__(self, status: int, body: Mapping[str, Any], *, method: str, path: str) -> None:
        self.status = status
        self.reason = str(body.get("reason") or "")
        self.message = str(body.get("message") or f"HTTP status {status}")
        self.method = method
        self.path = path
        details = body.get("details")
        self.details: Mapping[str, Any] = details if isinstance(details, Mapping) else {}
        self.causes: Sequence[Cause] = tuple(
            Cause(
                type=str(c.get("reason") or ""),
                field=str(c.get("field") or ""),
                message=str(c.get("message") or ""),
            )
            for c in self.details.get("causes") or []
        )
        super().__init__(self.message)

    @property
    def not_found(self) -> bool:
        return self.status == 404

    @property
    def immutable(self) -> bool:
        """A field that cannot change was to be changed."""
        return self.status == 422 and "field is immutable" in self.message

    def missing_namespace(self, namespace: str) -> bool:
        """Whether the object could not be found because its namespace is not there."""
        return (
            self.not_found
            and bool(namespace)
            and self.details.get("kind") == "namespaces"
            and self.details.get("name") == namespace
        )

    def conflicts(self) -> Mapping[str, Sequence[str]]:
        """Fields by the manager that owns them; empty unless this is a conflict of field managers."""
        owned: dict[str, list[str]] = {}
        if self.status == 409:
            for cause in self.causes:
                match = _CONFLICT.search(cause.message)
                if cause.type == "FieldManagerConflict" and match:
                    owned.setdefault(match["manager"], []).append(cause.field)
        return owned


class Unreachable(PluginError):  # noqa: N818 - what the cluster is
    """No connection to the API server, or none that can be trusted."""


def unreachable(connection: Connection, reason: str) -> Unreachable:
    """The message for a server that gives no answer."""
    return Unreachable(
        f"the Kubernetes API server {connection.server} cannot be reached: {reason}. "
        f"{_origin(connection)} Check that the cluster runs and that the address is right, "
        "or choose another context with kubernetes:context"
    )


def untrusted(connection: Connection, reason: str) -> Unreachable:
    """The message for a server whose certificate is not accepted."""
    return Unreachable(
        f"the certificate of the Kubernetes API server {connection.server} is not trusted: {reason}. "
        f"{_origin(connection)} If the cluster was made anew, write its kubeconfig anew"
    )


def refused(connection: Connection) -> PluginError:
    """The message for credentials the server does not accept."""
    who = f"user {connection.user!r}" if connection.user else "the user"
    return PluginError(
        f"the Kubernetes API server {connection.server} does not accept the credentials of {who} (401): they "
        f"have expired or are wrong. {_origin(connection)} Sign in again, or choose another context "
        "with kubernetes:context"
    )


def _origin(connection: Connection) -> str:
    context = f"context {connection.context!r} of " if connection.context else ""
    return f"It comes from {context}{connection.source}."


def explain(error: ApiError, what: str, *, manager: str = "") -> str:
    """A refusal in words.

    Args:
        error: The API server's answer.
        what: The object, as in "Deployment shop/web".
        manager: Our field manager, for conflicts.
    """
    if conflicts := error.conflicts():
        return _explain_conflicts(conflicts, what, manager)
    if error.status == 422 and error.causes:
        return f"{what} is invalid:{_bullets(_field(cause) for cause in error.causes)}"
    if error.status == 403:
        return _explain_forbidden(error.message, what)
    if _SCHEMA.search(error.message):
        return f"{what} is invalid:{_explain_schema(error.message)}"
    return f"{what}: {error.message}"


def _bullets(lines: Any) -> str:
    return "".join(f"\n  - {line}" for line in lines)


def _field(cause: Cause) -> str:
    return f"{cause.field}: {cause.message}" if cause.field and cause.field != "<nil>" else cause.message


def _explain_conflicts(conflicts: Mapping[str, Sequence[str]], what: str, manager: str) -> str:
    # Fields changed by hand would have been taken back, had no program owned any.
    owned = [(owner, field) for owner, fields in conflicts.items() if not by_hand(owner) for field in fields]
    ours = f" ({manager})" if manager else ""
    text = f"{what} has fields that another field manager than ours{ours} owns:"
    text += _bullets(f"{field.lstrip('.')} is owned by {owner}" for owner, field in owned)
    if ("kube-controller-manager", ".spec.replicas") in owned:
        text += "\nAn autoscaler sets the replicas: leave spec.replicas out of the program"
    return (
        f"{text}\nLeave such fields to their owner (not in the program, or listed under ignore_changes), or "
        'take them over with the annotation pulumi.com/patchForce: "true"'
    )


def _explain_forbidden(message: str, what: str) -> str:
    if match := _FORBIDDEN.search(message):
        resource = f"{match['resource']}.{match['group']}" if match["group"] else match["resource"]
        inside = match["namespace"] is not None
        where = f"in namespace {match['namespace']!r}" if inside else "in the whole cluster"
        return (
            f"{what}: user {match['user']!r} may not {match['verb']} {resource} {where}; grant it with a "
            f"{'RoleBinding' if inside else 'ClusterRoleBinding'}, or use another context"
        )
    if "exceeded quota: " in message:
        quota = message.partition("exceeded quota: ")[2]
        return f"{what} does not fit the namespace's quota {quota}; lower the requests or raise the quota"
    if "because it is being terminated" in message:
        return f"{what}: its namespace is being deleted; wait until it is gone and try again"
    return f"{what}: {message}"


def _explain_schema(message: str) -> str:
    fields = [match["field"].lstrip(".") for match in _UNDECLARED.finditer(message)]
    if fields:
        return _bullets(
            f"{field} is not a field of this kind; check its spelling and place" for field in fields
        )
    text = (
        _GO_VALUE.sub(r"\1", _SCHEMA.sub("", message)).removeprefix("error decoding from json: ").lstrip(".")
    )
    if "illegal base64 data" in text:
        text += "; values of data are base64, plain text goes into stringData"
    return f" {text}"
