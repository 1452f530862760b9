"""What runs in the node's cluster beside the stacks: a Deployment and the objects it needs."""

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
    """One Deployment with its objects.

    manifests: YAML in which $IMAGE and $KEY are filled in; the key is to be an annotation of the pods. probe:
    path on the API server that answers once it does its work.
    """

    namespace: str
    name: str
    title: str
    image: ProgramImage
    manifests: Path
    probe: str

    def key(self, tag: str) -> str:
        """Hash of the manifests and the image's tag; pods of another one are replaced."""
        return hashlib.sha256(f"{tag}\n{self.manifests.read_text()}".encode()).hexdigest()[:16]

    def text(self, tag: str) -> str:
        """The manifests as they are applied."""
        return self.manifests.read_text().replace("$IMAGE", tag).replace("$KEY", self.key(tag))

    def done(self, site: Site) -> str | None:
        """One line on it if all its pods are as they should be and it answers, else None."""
        image = self.image.built(site) if site.paths.kubeconfig.exists() else None
        return self._answers(site, image.tag) if image else None

    def ensure(self, site: Site, report: Report) -> str:
        """Applies the manifests and waits until it answers. Raises StepError if it does not."""
        tag = self.image.around(site.tools.path(self.image.tool)).tag
        report("applying its manifests")
        apply = ("apply", "--server-side", "--force-conflicts", "--field-manager", MANAGER, "--filename", "-")
        kubectl(site, *apply, feed=self.text(tag).encode())
        report("waiting for its answer")
        if found := site.runner.wait_for(lambda: self._answers(site, tag), READY_SECONDS):
            return found
        raise StepError(
            f"it does not answer after {READY_SECONDS} s:\n{self._complaints(site)}",
            f"Read its log: python -m local exec kubectl logs -n {self.namespace} deploy/{self.name}",
        )

    def _answers(self, site: Site, tag: str) -> str | None:
        get = ("get", "deployment", self.name, "--namespace", self.namespace, "--output", "json")
        try:
            if not rolled_out(json.loads(kubectl(site, *get)), self.key(tag)):
                return None
            kubectl(site, "get", "--raw", self.probe)
        except CommandError:
            return None
        return f"{tag} as {self.namespace}/{self.name}"

    def _complaints(self, site: Site) -> str:
        """The latest warnings in its namespace."""
        get = ("get", "events", "--namespace", self.namespace, "--field-selector", "type=Warning")
        template = '{range .items[*]}{.involvedObject.name}: {.message}{"\\n"}{end}'
        order = ("--sort-by", ".lastTimestamp", "--output", f"jsonpath={template}")
        try:
            said = kubectl(site, *get, *order)
        except CommandError as error:
            return str(error)
        return "\n".join(said.splitlines()[-4:]) or "its namespace has no warnings"


def rolled_out(deployment: dict[str, Any], key: str) -> bool:
    """Whether all pods of a Deployment, as the API server gives it, have the key and are available."""
    metadata, spec, status = deployment["metadata"], deployment["spec"], deployment["status"]
    if spec["template"]["metadata"].get("annotations", {}).get(ANNOTATION) != key:
        return False
    if status.get("observedGeneration") != metadata["generation"]:
        return False
    counts = [status.get(count, 0) for count in ("replicas", "updatedReplicas", "availableReplicas")]
    return counts == [spec["replicas"]] * len(counts)
