"""Image references: `[host[:port]/]path[:tag][@sha256:digest]`."""

import re
from dataclasses import dataclass

from .checks import when

DOCKER_HUB = ("", "docker.io", "index.docker.io")
"""Hosts that references to images of Docker Hub may have."""
DOCKER_HUB_KEY = "https://index.docker.io/v1/"
"""Key of its login in the configuration of the Docker client."""

_HOST = r"(?:localhost|[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+|[a-zA-Z0-9-]+(?=:\d))(?::\d{1,5})?"
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?:(?P<host>{_HOST})/)?(?P<path>{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)
_CREDENTIALS = re.compile(r"(?:[^/\s@]*:[^/\s@]*|.*://.*)@(?!sha256:)")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Parts of an image reference; an absent one is empty."""

    host: str
    path: str
    tag: str
    digest: str


def parse(text: str) -> Reference | None:
    """The parts of a reference; None if it is none."""
    match = _REFERENCE.fullmatch(text)
    return Reference(**{key: value or "" for key, value in match.groupdict().items()}) if match else None


def reference(text: str) -> str | None:
    wanted = "use registry host, path in lower case and tag, such as ghcr.io/acme/shop:1.2"
    return _credentials(text) or when(parse(text) is None, f'"{text}" is not an image reference; {wanted}')


def repository(text: str) -> str | None:
    """Refuses a reference that names one image: the tags and the digest come from the build."""
    found = parse(text)
    if found is None:
        wanted = "use registry host and path in lower case, such as ghcr.io/acme/shop"
        return _credentials(text) or f'"{text}" is not an image repository; {wanted}'
    if found.digest:
        return f'"{text}" has a digest; leave it out, the build makes the digest'
    return when(
        bool(found.tag), f'"{text}" has the tag "{found.tag}"; leave it out, tags come from the version'
    )


def fixed(text: str) -> str | None:
    """Refuses a reference that moves by itself: without a tag and digest, or `latest`."""
    found = parse(text)
    if found is None:
        return reference(text)
    moves = not found.digest and found.tag in {"", "latest"}
    return when(moves, f'"{text}" means latest, which changes by itself; name a version tag or a digest')


def by_digest(text: str) -> str | None:
    """Refuses a reference that is not `repository@sha256:…`."""
    found = parse(text)
    broken = found is None or not found.digest
    return _credentials(text) or when(
        broken, f'"{text}" has no digest; use repository@sha256:…, as GoImage.ref does'
    )


def _credentials(text: str) -> str | None:
    """Refuses `user:password@host/…`, and does not repeat it."""
    found = bool(_CREDENTIALS.match(text))
    return when(found, "has credentials, which would be in clear; set image.username and image.password")
