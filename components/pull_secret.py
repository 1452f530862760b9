"""The login by which the cluster pulls images, as a Secret of Kubernetes holds it."""

import base64
import json
from dataclasses import dataclass, field

import pulumi

from .docker_login import DOCKER_HUB, DOCKER_HUB_KEY
from .rules import require, when

DOCKER_CONFIG_TYPE = "kubernetes.io/dockerconfigjson"
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


def pull_secret_content(login: RegistryLogin) -> pulumi.Output[dict[str, str]]:
    """Content of the Secret, secret as a whole: the Docker client's configuration with this login."""
    return pulumi.Output.secret(login.password).apply(lambda known: {_KEY: _docker_config(login, known)})


def _docker_config(login: RegistryLogin, password: str) -> str:
    entry = {
        "username": login.username,
        "password": password,
        "auth": base64.b64encode(f"{login.username}:{password}".encode()).decode(),
    }
    key = DOCKER_HUB_KEY if login.host in DOCKER_HUB else login.host
    return json.dumps({"auths": {key: entry}}, sort_keys=True)
