"""Kubernetes objects, registered as pulumi_kubernetes registers them.

Importing its typed classes takes as long as the preview of an empty program: core/v1 alone has 80,000 lines.
A test checks kind by kind that the engine gets the same.
"""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import pulumi

_SECRET_OUTPUTS = {"Secret": ["data", "stringData"]}


class KubernetesObject(pulumi.CustomResource):
    """One object, from its manifest."""

    metadata: pulumi.Output[Mapping[str, Any]]
    """Name, namespace, labels and what the cluster adds."""

    def __init__(self, name: str, manifest: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        group_version, kind = manifest["apiVersion"], manifest["kind"]
        group = group_version if "/" in group_version else f"core/{group_version}"
        plugin = pulumi.ResourceOptions(
            version=version("pulumi-kubernetes"), additional_secret_outputs=_SECRET_OUTPUTS.get(kind)
        )
        super().__init__(
            f"kubernetes:{group}:{kind}", name, dict(manifest), pulumi.ResourceOptions.merge(opts, plugin)
        )

    @property
    def object_name(self) -> pulumi.Output[str]:
        """Name of the object in its namespace, made by Pulumi where the manifest has none."""
        return self.metadata["name"]

    @property
    def uid(self) -> pulumi.Output[str]:
        """Tells the object from one of the same name in another cluster; empty before it is created."""
        return self.metadata.apply(lambda metadata: metadata.get("uid", ""))
