"""The Secret of environment variables."""

import hashlib
from collections.abc import Mapping

import pulumi

from ..shared import when
from .environment import canonical, variable
from .metadata import Manifest, Owner


def secret(owner: Owner, secrets: Mapping[str, pulumi.Input[str]]) -> Manifest:
    """Immutable and without a name, so that old pods keep theirs."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": owner.unnamed,
        "immutable": True,
        "type": "Opaque",
        "stringData": pulumi.Output.secret(dict(secrets)),
    }


def secret_checks(secrets: Mapping[str, object], env: Mapping[str, str]) -> list[tuple[str, str | None, str]]:
    """Checks of secret variables: their names, and that none is a plain one as well."""
    twice = "is in env too; keep one of the two"
    return [(f"secrets.{n}", variable(n) or when(n in env, twice), "env") for n in secrets]


def secret_hash(secrets: Mapping[str, pulumi.Input[str]], salt: str) -> pulumi.Output[str]:
    """Hash of secret values, 32 hex digits, itself not secret; unknown as long as a value is.

    Everybody who may list pods can read it, so it is slow to compute and salted by the service.
    """

    def slow(values: Mapping[str, str]) -> str:
        return hashlib.scrypt(canonical(values), salt=salt.encode(), n=2**13, r=8, p=1, dklen=16).hex()

    return pulumi.Output.unsecret(pulumi.Output.all(**secrets).apply(slow))
