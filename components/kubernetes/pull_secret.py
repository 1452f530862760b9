"""The Secret with the login that the cluster pulls images with."""

import base64
import json
from dataclasses import dataclass, field

import pulumi

from ..shared import DOCKER_HUB, DOCKER_HUB_KEY, require, when
from .metadata import Manifest, Owner

_KEY = ".dockerconfigjson"


@dataclass(frozen=True, kw_only=True)
class RegistryLogin:
    """Login at the registry that the image is pulled from. Raises ArgsError."""

    host: str
    """Host of the registry with its port, as image references have it; empty for Docker Hub."""
    username: str
    """User."""
    password: pulumi.Input[str] = field(repr=False)
    """Password or token; kept secret."""

    def __post_init__(self) -> None:
        require(
            self,
            ("username", when(not self.username, "is empty; name the user, or leave out the login")),
            ("password", when(self.password == "", "is empty; give the password, or leave out the login")),
        )


def pull_secret(owner: Owner, login: RegistryLogin) -> Manifest:
    """Immutable and without a name, so that old pods keep theirs. Secret as a whole."""
    content = pulumi.Output.secret(login.password).apply(lambda known: {_KEY: _docker_config(login, known)})
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": owner.unnamed,
        "immutable": True,
        "type": "kubernetes.io/dockerconfigjson",
        "stringData": content,
    }


def _docker_config(login: RegistryLogin, password: str) -> str:
    entry = {
        "username": login.username,
        "password": password,
        "auth": base64.b64encode(f"{login.username}:{password}".encode()).decode(),
    }
    key = DOCKER_HUB_KEY if login.host in DOCKER_HUB else login.host
    return json.dumps({"auths": {key: entry}}, sort_keys=True)
