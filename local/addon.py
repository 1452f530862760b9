"""What runs in the node's cluster beside the stacks: a Deployment and the objects it needs."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import images, kubernetes, registry
from local.images import Image
from local.paths import Paths
from local.process import CommandError, Runner
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
    image: Image
    manifests: str
    probe: str

    @property
    def key(self) -> str:
        """Hash of the manifests and the image; pods of another one are replaced."""
        return hashlib.sha256(f"{self.image.tag}\n{self.manifests}".encode()).hexdigest()[:16]

    @property
    def text(self) -> str:
        """The manifests as they are applied."""
        return self.manifests.replace("$IMAGE", self.image.tag).replace("$KEY", self.key)

    @property
    def detail(self) -> str:
        return f"{self.image.tag} as {self.namespace}/{self.name}"


def image_done(runner: Runner, paths: Paths, image: Image) -> str | None:
    """The image's tag if it is in the registry as it would be built now, else None."""
    built = images.key_of(runner, image.tag) == image.key and registry.has(paths, image.tag)
    return image.tag if built else None


def ensure_image(runner: Runner, image: Image, log: Path, report: Report) -> str:
    """Has the image in the registry."""
    images.build(runner, image, log, report)
    report("pushing it to the registry")
    images.push(runner, image.tag, log)
    return image.tag


def done(runner: Runner, kube: Path, paths: Paths, addon: Addon) -> str | None:
    """One line on the add-on if all its pods are as they should be and it answers, else None."""
    return addon.detail if _works(runner, kube, paths, addon) else None


def ensure(runner: Runner, kube: Path, paths: Paths, addon: Addon, report: Report) -> str:
    """Applies the manifests and waits until the add-on answers. Raises StepError if it does not."""
    report("applying its manifests")
    apply = ("apply", "--server-side", "--force-conflicts", "--field-manager", MANAGER, "--filename", "-")
    kubernetes.kubectl(runner, kube, paths, *apply, feed=[addon.text.encode()])
    report("waiting for its answer")
    if not runner.wait_for(lambda: _works(runner, kube, paths, addon), READY_SECONDS):
        raise StepError(
            f"it does not answer after {READY_SECONDS} s:\n{_complaints(runner, kube, paths, addon)}",
            f"Read its log: python -m local exec kubectl logs -n {addon.namespace} deploy/{addon.name}",
        )
    return addon.detail


def _works(runner: Runner, kube: Path, paths: Paths, addon: Addon) -> bool:
    if not kube.exists() or not paths.kubeconfig.exists():
        return False
    get = ("get", "deployment", addon.name, "--namespace", addon.namespace, "--output", "json")
    try:
        if not rolled_out(json.loads(kubernetes.kubectl(runner, kube, paths, *get)), addon.key):
            return False
        kubernetes.kubectl(runner, kube, paths, "get", "--raw", addon.probe)
    except CommandError:
        return False
    return True


def rolled_out(deployment: dict[str, Any], key: str) -> bool:
    """Whether all pods of a Deployment, as the API server gives it, have the key and are available."""
    metadata, spec, status = deployment["metadata"], deployment["spec"], deployment["status"]
    if spec["template"]["metadata"].get("annotations", {}).get(ANNOTATION) != key:
        return False
    if status.get("observedGeneration") != metadata["generation"]:
        return False
    counts = [status.get(count, 0) for count in ("replicas", "updatedReplicas", "availableReplicas")]
    return counts == [spec["replicas"]] * len(counts)


def _complaints(runner: Runner, kube: Path, paths: Paths, addon: Addon) -> str:
    """The latest warnings in its namespace."""
    get = ("get", "events", "--namespace", addon.namespace, "--field-selector", "type=Warning")
    template = '{range .items[*]}{.involvedObject.name}: {.message}{"\\n"}{end}'
    order = ("--sort-by", ".lastTimestamp", "--output", f"jsonpath={template}")
    try:
        said = kubernetes.kubectl(runner, kube, paths, *get, *order)
    except CommandError as error:
        return str(error)
    return "\n".join(said.splitlines()[-4:]) or "its namespace has no warnings"
