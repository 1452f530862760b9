"""Configuration of the process: names, what may be in clear, and content hashes that roll the pods."""

import hashlib
import json
import re
from collections.abc import Mapping

import pulumi

from .rules import variable_name, when

_CREDENTIAL = re.compile(r"(.*_)?(PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET|KEY)", re.IGNORECASE)
_HOLDS_CREDENTIAL = re.compile(
    r"""
    [a-z][a-z0-9+.-]*://[^/?#\s]*:[^/?#\s]*@  # user and password in an address
    | -----BEGIN\ (?:[A-Z0-9]+\ )*PRIVATE\ KEY
    | (?<![\w.-])(?:password|passwd|pwd)=[^\s;&$<{%*]  # of databases: host=db password=…, ?password=…
    | \bauthorization\W+(?:basic|bearer)\s+[\w.+/=~-]{8}  # a header, in snippets for proxies
    """,
    re.IGNORECASE | re.VERBOSE,
)


def env_checks(env: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Checks of plain variables: their names, and that none is a credential. Values are not repeated."""
    return [(f"env.{name}", _name(name) or _in_clear(name, value)) for name, value in env.items()]


def secret_checks(secrets: Mapping[str, object], env: Mapping[str, str]) -> list[tuple[str, str | None, str]]:
    """Checks of secret variables: their names, and that none is a plain one as well."""
    twice = "is in env too; keep one of the two"
    return [(f"secrets.{n}", _name(n) or when(n in env, twice), "env") for n in secrets]


def _name(name: str) -> str | None:
    if name == "PORT":
        return "is set from service.port; leave it out"
    return variable_name(name)


def _in_clear(name: str, value: str) -> str | None:
    secret = bool(value) and (_CREDENTIAL.fullmatch(name) or holds_credential(value))
    return when(bool(secret), "looks like a credential in clear; move it to secrets")


def holds_credential(text: str) -> bool:
    """Whether a text has a credential in it, by forms that are nothing else."""
    return bool(_HOLDS_CREDENTIAL.search(text))


def config_hash(data: Mapping[str, str]) -> str:
    """Hash of plain values, 16 hex digits."""
    return hashlib.sha256(_canonical(data)).hexdigest()[:16]


def secret_hash(data: Mapping[str, pulumi.Input[str]], salt: str) -> pulumi.Output[str]:
    """Hash of secret values, 32 hex digits, itself not secret; unknown as long as a value is.

    Whoever may list pods can read it, so it is slow to try values against, and salted by the service.
    """

    def slow(values: Mapping[str, str]) -> str:
        return hashlib.scrypt(_canonical(values), salt=salt.encode(), n=2**13, r=8, p=1, dklen=16).hex()

    return pulumi.Output.unsecret(pulumi.Output.all(**data).apply(slow))


def _canonical(data: Mapping[str, str]) -> bytes:
    return json.dumps(dict(data), sort_keys=True).encode()
