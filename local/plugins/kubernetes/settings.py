"""The provider's configuration: `kubernetes:*` of a stack, a Provider's arguments, and the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.plugins.base import Failure, Values, unwrap

_FLAGS = {
    "enable_server_side_apply": ("enableServerSideApply", "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", True),
    "enable_configmap_mutable": ("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE", False),
    "enable_secret_mutable": ("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE", False),
    "enable_patch_force": ("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE", False),
    "upsert_existing_objects": ("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS", False),
    "delete_unreachable": ("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE", False),
    "skip_update_unreachable": ("skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE", False),
}
_TEXTS = ("kubeconfig", "context", "cluster", "namespace")
_NO_EFFECT = frozenset(
    {
        "clusterIdentifier", "helmReleaseSettings", "kubeClientSettings", "rejectUnknownResources",
        "suppressDeprecationWarnings", "suppressHelmHookWarnings", "version", "pluginDownloadURL",
    }
)  # fmt: skip
_RENDERING = frozenset({"renderYamlToDirectory", "alwaysRender"})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The configuration, defaults filled in.

    Attributes:
        kubeconfig: Path or contents; empty means the environment's.
        context, cluster: Entries to use instead of the kubeconfig's current ones.
        namespace: Namespace of objects that name none; empty means the context's.
        enable_server_side_apply: Let the API server merge; else objects are posted and patched.
        enable_configmap_mutable, enable_secret_mutable: Change data in place instead of making a new object.
        enable_patch_force: Take over fields of other managers everywhere.
        upsert_existing_objects: Creating an object that is there already changes it.
        delete_unreachable: Drop objects of a cluster that cannot be reached from the state.
        skip_update_unreachable: Leave objects of a cluster that cannot be reached as they are.
    """

    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    namespace: str = ""
    enable_server_side_apply: bool = True
    enable_configmap_mutable: bool = False
    enable_secret_mutable: bool = False
    enable_patch_force: bool = False
    upsert_existing_objects: bool = False
    delete_unreachable: bool = False
    skip_update_unreachable: bool = False


def read(args: Values, environ: Mapping[str, str]) -> Settings:
    """Reads a configuration; an argument wins over its environment variable."""
    plain = {key: unwrap(value) for key, value in args.items()}
    values: dict[str, Any] = {key: str(plain.get(key) or "") for key in _TEXTS}
    for name, (key, variable, default) in _FLAGS.items():
        values[name] = _flag(plain.get(key, environ.get(variable)), default)
    return Settings(**values)


def _flag(value: object, default: bool) -> bool:
    return default if value is None or value == "" else str(value).lower() == "true"


def failures(args: Values) -> list[Failure]:
    """What this plugin cannot do of what a configuration asks for."""
    used = sorted([*_TEXTS, *(key for key, _, _ in _FLAGS.values())])
    found: list[Failure] = []
    for key, value in args.items():
        if key in _RENDERING and unwrap(value):
            found.append(
                Failure(
                    key,
                    "rendering to files is not supported by this plugin; install the official one with "
                    "`pulumi plugin install resource kubernetes`",
                )
            )
        elif key not in _NO_EFFECT and key not in _RENDERING and key not in used:
            reason = f"the Kubernetes provider has no setting {key!r}; known are {', '.join(used)}"
            found.append(Failure(key, reason))
    return found
