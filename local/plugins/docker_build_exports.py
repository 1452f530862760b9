"""Exports and caches of docker-build's `Image`, written the way `docker buildx build` takes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from local.plugins.base import Value, Values
from local.plugins.inputs import fields as object_input
from local.plugins.inputs import flag, strings, text

EXPORT_KINDS: Final = ("cacheonly", "docker", "image", "local", "oci", "raw", "registry", "tar")
CACHE_FROM_KINDS: Final = ("azblob", "gha", "local", "raw", "registry", "s3")
CACHE_TO_KINDS: Final = ("azblob", "gha", "inline", "local", "raw", "registry", "s3")

# Inputs are camelCase, buildx's attributes are not, and follow no one rule.
_ATTRIBUTES: Final[Mapping[str, str]] = {
    "accessKeyId": "access_key_id",
    "accountUrl": "account_url",
    "blobsPrefix": "blobs_prefix",
    "cacheFrom": "cache-from",
    "compressionLevel": "compression-level",
    "danglingNamePrefix": "dangling-name-prefix",
    "endpointUrl": "endpoint_url",
    "forceCompression": "force-compression",
    "ignoreError": "ignore-error",
    "imageManifest": "image-manifest",
    "manifestsPrefix": "manifests_prefix",
    "nameCanonical": "name-canonical",
    "ociMediaTypes": "oci-mediatypes",
    "pushByDigest": "push-by-digest",
    "secretAccessKey": "secret_access_key",
    "secretAccountKey": "secret_access_key",
    "sessionToken": "session_token",
    "usePathStyle": "use_path_style",
}
_SKIPPED: Final = frozenset({"annotations", "names"})


def kinds_of(entry: Values) -> list[str]:
    """The kinds an entry names; a good one names exactly one."""
    return [key for key, value in entry.items() if key != "disabled" and value is not None]


def option(entry: Values) -> str:
    """An entry as buildx takes it: `type=local,dest=out`. Empty if it is disabled or partly unknown."""
    kinds = kinds_of(entry)
    if flag(entry, "disabled") or len(kinds) != 1:
        return ""
    kind = kinds[0]
    if kind == "raw":
        return text(entry, "raw")
    given = object_input(entry, kind)
    parts = [f"type={kind}"]
    for key, value in given.items():
        if key not in _SKIPPED and value is not None:
            parts.append(f"{_ATTRIBUTES.get(key, key)}={_plain(value)}")
    parts += [f"name={name}" for name in strings(given, "names")]
    parts += [
        f"annotation.{key}={_plain(value)}" for key, value in object_input(given, "annotations").items()
    ]
    return ",".join(_quoted(part) for part in parts)


def attributes(export: str) -> dict[str, str]:
    """The attributes of an export as buildx takes it; a bare path is a local folder."""
    if "=" not in export:
        return {"type": "local", "dest": export}
    pairs = (part.partition("=") for part in export.split(","))
    return {key.strip().lower(): value for key, _, value in pairs}


def is_push(export: str) -> bool:
    """Tell whether an export sends the image to a registry."""
    given = attributes(export)
    return (given["type"] == "registry" and given.get("push") != "false") or given.get("push") == "true"


def is_image(export: str) -> bool:
    """Tell whether an export makes an image, in a registry or in the engine."""
    return attributes(export).get("type") in {"registry", "image", "docker"} and "dest" not in attributes(
        export
    )


def for_platform(export: str, platform: str) -> str:
    """The export of one of several platforms: what goes to a folder gets a folder of its own."""
    given = attributes(export)
    if given.get("type") != "local":
        return export
    return f"type=local,dest={Path(given['dest'], platform.replace('/', '_'))}"


def is_missing(entry: Values) -> bool:
    """Tell whether what a local or tar export wrote is no longer there."""
    if local := text(object_input(entry, "local"), "dest"):
        folder = Path(local)
        return not folder.is_dir() or not any(folder.iterdir())
    if tar := text(object_input(entry, "tar"), "dest"):
        return not Path(tar).exists()
    return False


def _plain(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(part: str) -> str:
    """CSV, as buildx reads it."""
    return '"' + part.replace('"', '""') + '"' if any(char in part for char in ',"\n') else part
