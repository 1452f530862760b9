"""Add-ons of the embedded cluster: a Deployment with the objects it needs."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.kubernetes import kubectl
from local.process import CommandError
from local.programs import ProgramImage
from local.site import Site
from local.steps import Report, StepError

ANNOTATION = "goservice.key"
MANAGER = "goservice-local"
READY_SECONDS = 180


@dataclass(frozen=True, kw_only=True)
class Addon:
    """A Deployment with its objects.

    manifests: YAML file with the placeholders $IMAGE and $KEY; the key has to be an annotation of the pods.
    probe: path on the API server that responds once the add-on works.
    """

    namespace: str
    name: str
    title: str
    image: ProgramImage
    manifests: Path
    probe: str

    def key(self, tag: str) -> str:
        """Hash of the manifests and the image's tag; pods with another key are replaced."""
        return hashlib.sha256(f"{tag}\n{self.manifests.read_text()}".encode()).hexdigest()[:16]

    def text(self, tag: str) -> str:
        """The manifests with their placeholders replaced."""
        return self.manifests.read_text().replace("$IMAGE", tag).replace("$KEY", self.key(tag))

    def done(self, site: Site) -> str | None:
        """Image and Deployment if all pods are up to date and the probe responds, else None."""
        image = self.image.image(site) if site.paths.kubeconfig.exists() else None
        return self._ready(site, image.tag) if image else None

    def ensure(self, site: Site, report: Report) -> str:
        """Applies the manifests and waits for the probe. Raises StepError if it does not respond."""
        tag = self.image.image_for(site.tools.path(self.image.tool)).tag
        report("applying its manifests")
        apply = ("apply", "--server-side", "--force-conflicts", "--field-manager", MANAGER, "--filename", "-")
        kubectl(site, *apply, feed=self.text(tag).encode())
        report("waiting for its probe")
        if found := site.runner.wait_for(lambda: self._ready(site, tag), READY_SECONDS):
            return found
        raise StepError(
            f"it does not answer after {READY_SECONDS} s:\n{self._warnings(site)}",
            f"Read its log: python -m local exec kubectl logs -n {self.namespace} deploy/{self.name}",
        )

    def _ready(self, site: Site, tag: str) -> str | None:
        get = ("get", "deployment", self.name, "--namespace", self.namespace, "--output", "json")
        try:
            if not is_rolled_out(json.loads(kubectl(site, *get)), self.key(tag)):
                return None
            kubectl(site, "get", "--raw", self.probe)
        except CommandError:
            return None
        return f"{tag} as {self.namespace}/{self.name}"

    def _warnings(self, site: Site) -> str:
        """The latest warning events in its namespace."""
        get = ("get", "events", "--namespace", self.namespace, "--field-selector", "type=Warning")
        template = '{range .items[*]}{.involvedObject.name}: {.message}{"\\n"}{end}'
        order = ("--sort-by", ".lastTimestamp", "--output", f"jsonpath={template}")
        try:
            warnings = kubectl(site, *get, *order)
        except CommandError as error:
            return str(error)
        return "\n".join(warnings.splitlines()[-4:]) or "its namespace has no warnings"


def is_rolled_out(deployment: dict[str, Any], key: str) -> bool:
    """Whether all pods of a Deployment (the API object) have the key and are available."""
    metadata, spec, status = deployment["metadata"], deployment["spec"], deployment["status"]
    if spec["template"]["metadata"].get("annotations", {}).get(ANNOTATION) != key:
        return False
    if status.get("observedGeneration") != metadata["generation"]:
        return False
    counts = [status.get(count, 0) for count in ("replicas", "updatedReplicas", "availableReplicas")]
    return counts == [spec["replicas"]] * len(counts)
