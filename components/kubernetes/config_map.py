"""The ConfigMap of environment variables in clear."""

import hashlib
import re
from collections.abc import Mapping

from ..shared import holds_credential, when
from .environment import canonical, variable
from .metadata import Manifest, Owner

_CREDENTIAL = re.compile(r"(.*_)?(PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET|KEY)", re.IGNORECASE)


def config_map(owner: Owner, env: Mapping[str, str]) -> Manifest:
    """Immutable and without a name, so that old pods keep theirs."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": owner.unnamed,
        "immutable": True,
        "data": dict(env),
    }


def env_checks(env: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Checks of plain variables: their names, and that none is a credential. Values are not repeated."""
    return [(f"env.{name}", variable(name) or _in_clear(name, value)) for name, value in env.items()]


def config_hash(env: Mapping[str, str]) -> str:
    """Hash of plain values, 16 hex digits."""
    return hashlib.sha256(canonical(env)).hexdigest()[:16]


def _in_clear(name: str, value: str) -> str | None:
    secret = bool(value) and (_CREDENTIAL.fullmatch(name) or holds_credential(value))
    return when(bool(secret), "looks like a credential in clear; move it to secrets")
