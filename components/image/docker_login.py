"""The logins that the Docker client keeps, in its configuration or with a credential helper."""

import base64
import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path


class RegistryError(Exception):
    """What a registry or a credential helper could not do, in its own words."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """A user of a registry."""

    username: str
    """User; empty with an identity token."""
    password: str = field(repr=False)
    """Password or token."""
    identity_token: str = field(default="", repr=False)
    """Refresh token of OAuth 2, which some registries give out instead of a password."""


def docker_login(key: str) -> Login | None:
    """The Docker client's own login by its key there; None if there is none. Raises RegistryError."""
    file = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    try:
        config = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise RegistryError(f"the Docker client's configuration {file} cannot be read: {error}") from None
    helper = config.get("credHelpers", {}).get(key, config.get("credsStore", ""))
    if helper:
        return _from_helper(helper, key)
    stored = config.get("auths", {})
    entry = next((entry for name, entry in stored.items() if key in (name, _host(name))), None)
    return _from_entry(entry) if entry else None


def _host(key: str) -> str:
    """The host in a key of the configuration, which old clients wrote as a URL."""
    return key.partition("://")[2].partition("/")[0] or key.partition("/")[0]


def _from_entry(entry: dict[str, str]) -> Login | None:
    user, _, password = base64.b64decode(entry.get("auth", "")).decode().partition(":")
    token = entry.get("identitytoken", "")
    user, password = entry.get("username") or user, entry.get("password") or password
    return Login(username=user, password=password, identity_token=token) if user or token else None


def _from_helper(helper: str, key: str) -> Login | None:
    command = f"docker-credential-{helper}"
    try:
        done = subprocess.run(
            [command, "get"], input=key, capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RegistryError(f"the Docker client's credential helper {command} failed: {error}") from None
    if done.returncode:
        said = (done.stdout or done.stderr).strip()
        if "credentials not found" in said:
            return None
        raise RegistryError(f"the Docker client's credential helper {command} failed: {said}")
    found = json.loads(done.stdout)
    if found["Username"] == "<token>":
        return Login(username="", password="", identity_token=found["Secret"])
    return Login(username=found["Username"], password=found["Secret"]) if found["Username"] else None
