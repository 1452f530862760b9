"""Ingresses: TLS for each host, and no snippets."""

import re
from collections.abc import Iterator
from typing import Any

from ..model import Options, Resource, ResourceRule, Violation
from ..reading.label_selectors import Verdict, some
from ..values import UNKNOWN, Path, entries, get, items

_GROUPS = ("networking.k8s.io", "extensions")


def _tls(resource: Resource, _options: Options) -> Iterator[Violation]:
    if not _is_ingress(resource):
        return
    tls = get(resource.props, "spec", "tls")
    for index, rule in enumerate(items(get(resource.props, "spec", "rules"))):
        path: Path = ("spec", "rules", index)
        host = get(rule, "host")
        if _is_covered(host, tls) is not False:
            continue
        if host:
            path = (*path, "host")
            yield Violation(path=path, message=f"{resource.quote(path)} is not in any entry of spec.tls")
        else:
            yield Violation(path=path, message="matches every host, but no entry of spec.tls does")


def _is_ingress(resource: Resource) -> bool:
    return resource.kind == "Ingress" and resource.group in _GROUPS


def _is_covered(host: Any, tls: Any) -> Verdict:
    """Whether a host is served over TLS; an entry without hosts covers all."""
    if tls is UNKNOWN or host is UNKNOWN:
        return None
    return some(_entry_covers(entry, host) for entry in items(tls))


def _entry_covers(entry: Any, host: Any) -> Verdict:
    hosts = get(entry, "hosts")
    if hosts is UNKNOWN:
        return None
    return not hosts or some(None if name is UNKNOWN else _is_valid_for(name, host) for name in items(hosts))


def _is_valid_for(name: Any, host: Any) -> bool:
    """Whether a name on a certificate is valid for a host; a wildcard stands for one label."""
    if not isinstance(name, str) or not isinstance(host, str):
        return False
    wanted, given = host.lower(), name.lower()
    return given == wanted or (given.startswith("*.") and given[1:] == f".{wanted.partition('.')[2]}")


def _snippets(resource: Resource, _options: Options) -> Iterator[Violation]:
    if not _is_ingress(resource):
        return
    for key in entries(get(resource.props, "metadata", "annotations")):
        if re.search(r"-snippets?$", key):
            message = "inserts text into the proxy's configuration"
            yield Violation(path=("metadata", "annotations", key), message=message)


RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="network-ingress-tls",
        asks="Each host of an Ingress is in its TLS section.",
        why="A host without a certificate is served unencrypted, including passwords and cookies.",
        remedy="Add the host to an entry of spec.tls, with the Secret of its certificate.",
        example="spec: {rules: [{host: a.example.com}], tls: [{hosts: [a.example.com], secretName: a-tls}]}",
        severity="high",
        check=_tls,
    ),
    ResourceRule(
        name="network-ingress-snippets",
        asks="An Ingress has no snippet annotations.",
        why="A snippet runs in a proxy that can read certificates and Secrets of the whole cluster.",
        remedy="Remove it; use a dedicated annotation, or the controller's ConfigMap.",
        example="metadata: {annotations: {nginx.ingress.kubernetes.io/ssl-redirect: 'true'}}",
        severity="critical",
        check=_snippets,
    ),
)
