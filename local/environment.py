"""Environment variables with which commands use the embedded parts; the user's settings take precedence."""

import os
from collections.abc import Mapping

from local.docker_config import CONTEXT
from local.paths import Paths
from local.record import Record

# The committed stack files are encrypted with it. It protects nothing and is not a secret.
PASSPHRASE = "embedded"  # noqa: S105


def user_environment(env: Mapping[str, str], paths: Paths) -> dict[str, str]:
    """The environment without variables of an earlier `env`, which are not the user's."""
    own = str(paths.state)
    kept = {key: value for key, value in env.items() if key == "PATH" or own not in value}
    if kept.get("DOCKER_CONTEXT") == CONTEXT:
        del kept["DOCKER_CONTEXT"]
    if "PATH" in kept:
        kept["PATH"] = os.pathsep.join(entry for entry in kept["PATH"].split(os.pathsep) if own not in entry)
    return kept


def variables(paths: Paths, record: Record, env: Mapping[str, str]) -> dict[str, str]:
    """Variables to add to the user's environment `env`."""
    added = {
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # The program validates its settings and reports every problem; the engine stops at the first.
        "PULUMI_OPTION_SKIP_CONFIG_VALIDATION": "true",
    }
    if record.own_engine or record.own_kubectl:
        added["PATH"] = os.pathsep.join([str(paths.bin), env.get("PATH", os.defpath)])
    if record.own_docker or record.own_buildx:
        added["DOCKER_CONFIG"] = str(paths.docker_config)
    if record.own_docker:
        added["DOCKER_CONTEXT"] = CONTEXT
    if record.own_registry:
        added["BUILDX_CONFIG"] = str(paths.buildx_config)
        added["SSL_CERT_FILE"] = str(paths.bundle)
    if record.own_node:
        added["KUBECONFIG"] = str(paths.kubeconfig)
    if record.own_plugins:
        added["PULUMI_HOME"] = str(paths.pulumi_home)
        added["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
    if not env.get("PULUMI_BACKEND_URL"):
        added["PULUMI_BACKEND_URL"] = f"file://{paths.pulumi_state}"
    if not env.get("PULUMI_CONFIG_PASSPHRASE_FILE") and "PULUMI_CONFIG_PASSPHRASE" not in env:
        added["PULUMI_CONFIG_PASSPHRASE"] = PASSPHRASE
    return added
