"""The release that a pod template of the cluster runs."""

from dataclasses import dataclass
from typing import Any

from ...shared import VERSION


@dataclass(frozen=True, kw_only=True)
class DeployedRelease:
    """What runs, as the cluster knows it."""

    version: str
    """Version in the label of the pods; empty if there is none."""
    image: str
    """`repository@sha256:…`."""

    @property
    def name(self) -> str:
        """What people call it: the version, or the image without one."""
        return self.version or self.image


def deployed_release(template: dict[str, Any]) -> DeployedRelease:
    """The release of a pod template, as the API server gives it."""
    version: str = template["metadata"].get("labels", {}).get(VERSION, "")
    return DeployedRelease(version=version, image=template["spec"]["containers"][0]["image"])
