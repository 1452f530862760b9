"""Which API server to talk to, and as whom: contexts, clusters and users, and the pod's own account."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from local.plugins.base import PluginError
from local.plugins.kubernetes import kubeconfig_files
from local.plugins.kubernetes.connection import Connection, ExecPlugin
from local.plugins.kubernetes.kubeconfig_files import Entry, Kubeconfig

_POD_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def load(*, kubeconfig: str, context: str, cluster: str, environ: Mapping[str, str]) -> Connection:
    """Finds the connection a provider's configuration asks for.

    Args:
        kubeconfig: Path or contents; empty means KUBECONFIG, else ~/.kube/config, else the pod's account.
        context: Context to use instead of the current one.
        cluster: Cluster entry to use instead of the context's.
        environ: The environment.

    Raises:
        PluginError: There is none, it cannot be read, or it lacks what was asked for.
    """
    merged = kubeconfig_files.read(kubeconfig, environ)
    if merged is None:
        return _pod_account(environ)
    name = context or merged.current
    if not name and len(merged.contexts) == 1:
        name = next(iter(merged.contexts))
    if not name:
        raise PluginError(f"{merged.source} has no current context; {_choose(merged)}")
    if name not in merged.contexts:
        origin = "kubernetes:context" if context else "current-context"
        raise PluginError(f"{merged.source} has no context {name!r} ({origin}); {_choose(merged)}")
    chosen = merged.contexts[name]
    cluster_entry = _lookup(merged, merged.clusters, "cluster", cluster or chosen.text("cluster"), name)
    user_name = chosen.text("user")
    user = _lookup(merged, merged.users, "user", user_name, name) if user_name else None
    connection = _of_cluster(cluster_entry, context=name, namespace=chosen.text("namespace") or "default")
    return connection if user is None else _with_user(connection, user, user_name, cluster_entry)


def _choose(merged: Kubeconfig) -> str:
    if not merged.contexts:
        return "it has no contexts at all: point kubernetes:kubeconfig or KUBECONFIG at the right file"
    return f"set kubernetes:context to one of: {', '.join(sorted(merged.contexts))}"


def _lookup(merged: Kubeconfig, entries: Mapping[str, Entry], kind: str, name: str, context: str) -> Entry:
    if name in entries:
        return entries[name]
    there = ", ".join(sorted(entries)) or "none"
    raise PluginError(
        f"{merged.source}: context {context!r} refers to the {kind} {name!r}, which is not there "
        f"({kind}s: {there}); correct the context or choose another"
    )


def _of_cluster(entry: Entry, *, context: str, namespace: str) -> Connection:
    server = entry.text("server")
    if not server.startswith(("http://", "https://")):
        raise PluginError(
            f"{entry.source}: the cluster of context {context!r} has no server URL (server: {server!r}); "
            "it must start with https://"
        )
    return Connection(
        server=server.rstrip("/"),
        source=entry.source,
        context=context,
        namespace=namespace,
        ca=entry.pem("certificate-authority"),
        insecure=bool(entry.body.get("insecure-skip-tls-verify")),
        tls_server_name=entry.text("tls-server-name"),
        proxy=entry.text("proxy-url"),
    )


def _with_user(connection: Connection, entry: Entry, name: str, cluster: Entry) -> Connection:
    if "auth-provider" in entry.body and "exec" not in entry.body:
        raise PluginError(
            f"{entry.source}: user {name!r} uses auth-provider, which Kubernetes removed in 1.26; "
            "use the provider's exec plugin instead"
        )
    token_file = entry.text("tokenFile")
    return replace(
        connection,
        user=name,
        client_cert=entry.pem("client-certificate"),
        client_key=entry.pem("client-key"),
        token=entry.text("token"),
        token_file=str(entry.directory / token_file) if token_file else "",
        basic=(entry.text("username"), entry.text("password")) if entry.text("username") else None,
        exec=_exec(entry, cluster) if isinstance(entry.body.get("exec"), dict) else None,
    )


def _exec(entry: Entry, cluster: Entry) -> ExecPlugin:
    body: Mapping[str, Any] = entry.body["exec"]
    command = str(body.get("command") or "")
    if not command:
        raise PluginError(f"{entry.source}: a user's exec section names no command")
    if "/" in command:
        command = str(entry.directory / command)
    return ExecPlugin(
        command=command,
        args=tuple(str(arg) for arg in body.get("args") or []),
        env={str(item["name"]): str(item["value"]) for item in body.get("env") or []},
        api_version=str(body.get("apiVersion") or "client.authentication.k8s.io/v1"),
        install_hint=str(body.get("installHint") or "").strip(),
        cluster=_exec_cluster(cluster) if body.get("provideClusterInfo") else None,
    )


def _exec_cluster(cluster: Entry) -> Mapping[str, Any]:
    ca = cluster.pem("certificate-authority")
    info: dict[str, Any] = {"server": cluster.text("server")}
    if ca is not None:
        info["certificate-authority-data"] = base64.b64encode(ca).decode()
    if cluster.body.get("insecure-skip-tls-verify"):
        info["insecure-skip-tls-verify"] = True
    return info


def _pod_account(environ: Mapping[str, str]) -> Connection:
    host, port = environ.get("KUBERNETES_SERVICE_HOST"), environ.get("KUBERNETES_SERVICE_PORT")
    token = _POD_ACCOUNT / "token"
    if not host or not port or not token.is_file():
        raise PluginError(
            "no kubeconfig: KUBECONFIG is not set and ~/.kube/config is not there; "
            "set KUBECONFIG, or run `pulumi config set kubernetes:kubeconfig <path>`"
        )
    address = f"[{host}]" if ":" in host else host
    namespace = _POD_ACCOUNT / "namespace"
    return Connection(
        server=f"https://{address}:{port}",
        source="the pod's service account",
        namespace=namespace.read_text(encoding="utf-8").strip() if namespace.is_file() else "default",
        ca=(_POD_ACCOUNT / "ca.crt").read_bytes(),
        token_file=str(token),
    )
