"""Removing a manifest from its registry, over the registry's HTTP API."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from local.plugins.base import Context
from local.plugins.docker_auth import Registry, user_directory
from local.plugins.docker_reference import credentials_key, parse_reference, registry_host

if TYPE_CHECKING:
    import httpx

_TIMEOUT: Final = 30.0  # seconds
_GONE: Final = frozenset({202, 404})
_HUB_API: Final = "registry-1.docker.io"


def delete_manifest(
    ctx: Context, reference: str, registries: Sequence[Registry], env: Mapping[str, str]
) -> None:
    """Delete `repository@digest`. Where that is not possible it stays, and the user is told why.

    Many registries allow no deletion at all, which is not worth a warning on every destroy.
    """
    import httpx  # noqa: PLC0415 - costs start-up time, and only a destroy needs it

    parsed = parse_reference(reference)
    host = registry_host(parsed.registry)
    scheme = "http" if re.match(r"localhost\b|127\.|\[::1\]", host) else "https"
    api = _HUB_API if host == "docker.io" else host
    login = _login(host, registries, env)
    url = f"{scheme}://{api}/v2/{parsed.path}/manifests/{parsed.digest}"
    try:
        with httpx.Client(timeout=_TIMEOUT, follow_redirects=True) as client:
            response = client.delete(url)
            if response.status_code == httpx.codes.UNAUTHORIZED:
                header = _authorization(client, response.headers.get("www-authenticate", ""), login)
                response = client.delete(url, headers={"Authorization": header} if header else {})
    except httpx.HTTPError as error:
        ctx.log("warning", f"{reference} stays in its registry: {host} cannot be reached ({error})")
        return
    if response.status_code == httpx.codes.METHOD_NOT_ALLOWED:
        ctx.log("debug", f"{reference} stays in its registry: {host} does not allow images to be deleted")
    elif response.status_code not in _GONE:
        answer = f"{response.status_code} {response.reason_phrase}"
        ctx.log("warning", f"{reference} stays in its registry: {host} answered {answer}")


def _login(host: str, registries: Sequence[Registry], env: Mapping[str, str]) -> tuple[str, str] | None:
    for registry in registries:
        if registry_host(registry.address) == host and registry.username and registry.password:
            return registry.username, registry.password
    file = user_directory(env) / "config.json"
    if not file.is_file():
        return None
    stored = json.loads(file.read_text()).get("auths", {}).get(credentials_key(host), {}).get("auth", "")
    name, colon, password = base64.b64decode(stored).decode().partition(":")
    return (name, password) if colon else None


def _authorization(client: httpx.Client, challenge: str, login: tuple[str, str] | None) -> str:
    """The header that answers a registry's challenge; empty where there is no answer."""
    scheme, _, rest = challenge.partition(" ")
    if scheme.lower() == "basic" and login:
        return "Basic " + base64.b64encode(":".join(login).encode()).decode()
    if scheme.lower() != "bearer":
        return ""
    parameters: dict[str, str] = dict(re.findall(r'(\w+)="([^"]*)"', rest))
    realm = parameters.pop("realm", "")
    if not realm:
        return ""
    response = client.get(realm, params=parameters, auth=login)
    if not response.is_success:
        return ""
    body = response.json()
    return f"Bearer {body.get('token') or body.get('access_token')}"
