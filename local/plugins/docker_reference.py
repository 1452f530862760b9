"""Image references: `registry/repository:tag@digest`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_DOMAIN: Final = r"(?:localhost|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?"
_PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE: Final = re.compile(
    rf"(?:(?P<domain>{_DOMAIN})/)?(?P<path>{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>[a-z0-9]+:[0-9a-f]{32,}))?",
    re.ASCII,
)
DOCKER_HUB: Final = "docker.io"
_HUB_NAMES: Final = frozenset({DOCKER_HUB, "index.docker.io", "registry-1.docker.io"})
_HUB_CREDENTIALS_KEY: Final = "https://index.docker.io/v1/"


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A parsed reference. `registry` is empty where the text names none; `tag` and `digest` likewise."""

    registry: str
    path: str
    tag: str
    digest: str

    @property
    def repository(self) -> str:
        """Registry and path, without tag and digest."""
        return f"{self.registry}/{self.path}" if self.registry else self.path

    def pinned(self, digest: str) -> str:
        """`repository:tag@digest`, the tag being `latest` where there is none."""
        return f"{self.repository}:{self.tag or 'latest'}@{digest}"


def parse_reference(text: str) -> Reference:
    """Parse a reference. Raises `ValueError` with what is wrong with it."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        upper = " (repository names must be lower case)" if text != text.lower() else ""
        raise ValueError(f"{text!r} is not an image reference such as registry/name:tag{upper}")
    domain, path = match["domain"] or "", match["path"]
    if domain and not (domain == "localhost" or any(char in domain for char in ".:[")):
        # The first part is a registry only if it looks like a host; else it is Docker Hub's user.
        domain, path = "", f"{domain}/{path}"
        if path != path.lower():
            raise ValueError(f"{text!r} is not an image reference: repository names must be lower case")
    return Reference(registry=domain, path=path, tag=match["tag"] or "", digest=match["digest"] or "")


def registry_host(address: str) -> str:
    """The host (and port) of a registry's address as a user may write it: with scheme, path or repository."""
    host = re.sub(r"^https?://", "", address).split("/", 1)[0]
    return DOCKER_HUB if host in _HUB_NAMES else host


def credentials_key(address: str) -> str:
    """The key under which Docker's own configuration keeps the credentials for a registry."""
    host = registry_host(address)
    return _HUB_CREDENTIALS_KEY if host == DOCKER_HUB else host
