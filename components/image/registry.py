"""Reads and sets the tags of a registry as Docker clients do, with their logins and certificates.

Standard library only: the plugins have no call for it, and `docker` may not be installed.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from urllib.error import URLError
from urllib.parse import urlencode

from ..shared import DOCKER_HUB, DOCKER_HUB_KEY, references
from .docker_login import Login, RegistryError, docker_login
from .registry_http import Answer, Http, speaks_no_tls, unreachable

_DOCKER_HUB_API = "registry-1.docker.io"
_LOOPBACK = re.compile(r"(localhost|127\.[\d.]+)(:\d+)?")
_MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a tag stands for."""

    digest: str
    """`sha256:…`"""
    members: tuple[str, ...]
    """Digests of the manifests in a list; empty for a single one."""

    def is_image(self, digest: str) -> bool:
        """Whether it is the image of a digest: that one, or the list buildx wraps a single manifest in."""
        return self.digest == digest or self.members == (digest,)


class Registry:
    """One repository of a registry, over TLS; on loopback addresses also without."""

    def __init__(self, name: str, login: Login | None) -> None:
        """name: host and path. login: None uses that of the Docker client. Raises RegistryError."""
        repository = references.parse(name)
        if repository is None:
            raise RegistryError(f'"{name}" is not an image repository')
        hub = repository.host in DOCKER_HUB
        self._host = _DOCKER_HUB_API if hub else repository.host
        self._path = f"library/{repository.path}" if hub and "/" not in repository.path else repository.path
        self._login = login or docker_login(DOCKER_HUB_KEY if hub else repository.host)
        self._scheme = "https"
        self._http = Http(repository.host)
        self._authorization = ""

    def manifest(self, tag: str) -> Manifest | None:
        """What a tag stands for; None where the registry has no such tag. Raises RegistryError."""
        answer = self._ask(tag)
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise RegistryError(f"{self._host} answered {answer.status} {answer.reason}")
        try:
            members = json.loads(answer.body).get("manifests", [])
            digests = tuple(str(member["digest"]) for member in members)
        except (ValueError, AttributeError, TypeError, KeyError):
            raise RegistryError(f"{self._host} gave no manifest for the tag {tag}") from None
        content = f"sha256:{hashlib.sha256(answer.body).hexdigest()}"
        return Manifest(digest=answer.headers.get("Docker-Content-Digest") or content, members=digests)

    def tag(self, digest: str, tag: str) -> None:
        """Sets a tag to a manifest that the repository has. Raises RegistryError."""
        found = self._ask(digest)
        if found.status != 200:
            raise RegistryError(f"{self._host} answered {found.status} {found.reason} about {digest}")
        answer = self._ask(tag, found.body, found.headers.get("Content-Type", ""))
        if answer.status not in (200, 201):
            raise RegistryError(f"{self._host} does not set the tag {tag}: {answer.status} {answer.reason}")

    def _ask(self, name: str, manifest: bytes | None = None, kind: str = "") -> Answer:
        """Reads the manifest of a tag or digest; given a manifest and its media type, sets it."""
        answer = self._send(name, manifest, kind)
        if answer.status == 401 and not self._authorization:
            self._authorization = self._authorize(answer.headers.get("WWW-Authenticate", ""))
            answer = self._send(name, manifest, kind)
        return answer

    def _send(self, name: str, manifest: bytes | None, kind: str) -> Answer:
        url = f"{self._scheme}://{self._host}/v2/{self._path}/manifests/{name}"
        method = "GET" if manifest is None else "PUT"
        headers = {"Accept": _MANIFESTS} if manifest is None else {"Content-Type": kind}
        try:
            return self._http.send(method, url, headers | _authorization(self._authorization), manifest)
        except URLError as error:
            if not speaks_no_tls(error.reason) or not _LOOPBACK.fullmatch(self._host):
                raise RegistryError(unreachable(self._host, error.reason)) from None
        self._scheme = "http"
        return self._send(name, manifest, kind)

    def _authorize(self, challenge: str) -> str:
        """The value of an Authorization header that answers a challenge. Raises RegistryError."""
        scheme, _, rest = challenge.partition(" ")
        if scheme.lower() == "basic":
            if not self._login:
                raise RegistryError(f"{self._host} asks for a login, and there is none")
            return _basic(self._login)
        parameters = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        realm = parameters.get("realm", "")
        if scheme.lower() != "bearer" or not realm.startswith(f"{self._scheme}://"):
            raise RegistryError(f"{self._host} asks for a login in a way that is not known: {challenge}")
        return f"Bearer {self._token(realm, parameters.get('service', ''))}"

    def _token(self, realm: str, service: str) -> str:
        # As one who pushes: a registry may not tell others of a repository that does not exist yet.
        asked = {"service": service, "scope": f"repository:{self._path}:pull,push"}
        login = self._login
        try:
            if login and login.identity_token:
                form = {"grant_type": "refresh_token", "client_id": "goservice"} | asked
                form["refresh_token"] = login.identity_token
                answer = self._http.send("POST", realm, {}, urlencode(form).encode())
            else:
                url = f"{realm}{'&' if '?' in realm else '?'}{urlencode(asked)}"
                answer = self._http.send("GET", url, _authorization(_basic(login) if login else ""))
        except URLError as error:
            raise RegistryError(unreachable(realm, error.reason)) from None
        if answer.status != 200:
            raise RegistryError(f"{self._host} refuses the login: {answer.status} {answer.reason}")
        try:
            given = json.loads(answer.body)
            return given.get("token") or given["access_token"]
        except (ValueError, AttributeError, KeyError):
            raise RegistryError(f"{self._host} gave no token for the login") from None


def _authorization(value: str) -> dict[str, str]:
    return {"Authorization": value} if value else {}


def _basic(login: Login) -> str:
    return f"Basic {base64.b64encode(f'{login.username}:{login.password}'.encode()).decode()}"
