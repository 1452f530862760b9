"""Registry credentials for one docker command, in a configuration directory that lives as long as it does."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.plugins.base import PluginError
from local.plugins.docker_reference import credentials_key


@dataclass(frozen=True, kw_only=True)
class Registry:
    """A registry and how to log in to it. Without user name and password Docker's own configuration holds."""

    address: str
    username: str = ""
    password: str = field(default="", repr=False)


def user_directory(env: Mapping[str, str]) -> Path:
    """Where the user's own Docker configuration is."""
    return Path(env["DOCKER_CONFIG"]) if env.get("DOCKER_CONFIG") else Path.home() / ".docker"


@contextmanager
def docker_environment(registries: Sequence[Registry], host: str) -> Iterator[dict[str, str]]:
    """The environment for docker commands, with the given credentials on top of the user's own.

    Credentials are in a directory only the user can read, removed on leaving; never on a command line.
    `host` is the engine's address, empty for the one the environment names.
    """
    env = dict(os.environ)
    if host:
        env["DOCKER_HOST"] = host
    logins = [registry for registry in registries if registry.username and registry.password]
    if not logins:
        yield env
        return
    own = user_directory(env)
    with tempfile.TemporaryDirectory(prefix="docker-config-") as directory:
        for entry in sorted(own.iterdir()) if own.is_dir() else []:
            if entry.name != "config.json":
                # Plugins, contexts and builders stay those of the user.
                Path(directory, entry.name).symlink_to(entry.absolute())
        file = Path(directory, "config.json")
        file.touch(mode=0o600)
        file.write_text(json.dumps(with_logins(_read(own / "config.json"), logins)))
        yield env | {"DOCKER_CONFIG": directory}


def with_logins(config: Mapping[str, Any], logins: Sequence[Registry]) -> dict[str, Any]:
    """Docker's configuration with the given logins added, taking precedence over any credential helper."""
    auths, helpers = dict(config.get("auths") or {}), dict(config.get("credHelpers") or {})
    for login in logins:
        key = credentials_key(login.address)
        pair = f"{login.username}:{login.password}".encode()
        auths[key] = {"auth": base64.b64encode(pair).decode()}
        helpers[key] = ""  # an empty helper means the file itself
    return {**config, "auths": auths, "credHelpers": helpers}


def _read(file: Path) -> Mapping[str, Any]:
    try:
        return json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise PluginError(f"{file} is not valid JSON ({error}): correct or remove it") from error
