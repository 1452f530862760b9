"""The parts of the embedded default as steps, with their dependencies and durations."""

import os
from typing import Protocol

from local import (
    addons,
    buildkit,
    buildx,
    debian,
    docker,
    engine,
    golang,
    kubernetes,
    packages,
    provider_plugins,
    registry,
)
from local.site import Site
from local.steps import Report, Step

NO_NETWORK = (
    "Check that this machine can reach its package mirrors and module proxy; see the log for details."
)


class Part(Protocol):
    """A part, usually a module: implements `done` and `run` of a step."""

    def done(self, site: Site) -> str | None: ...
    def ensure(self, site: Site, report: Report) -> str: ...


def steps(site: Site) -> list[Step]:
    """All steps, each after those it needs."""

    def step(name: str, title: str, part: Part, *needs: str, usual: float, remedy: str = Step.remedy) -> Step:
        return Step(
            name=name,
            title=title,
            needs=needs,
            usual=usual,
            remedy=remedy,
            done=lambda: part.done(site),
            run=lambda report: part.ensure(site, report),
        )

    def fetching(name: str, title: str, part: Part, *needs: str, usual: float) -> Step:
        return step(name, title, part, *needs, usual=usual, remedy=NO_NETWORK)

    apt = f"Make `apt-get update` work; its output is in {site.log('packages')}."
    common = [
        step("packages", "Debian packages", packages, usual=40, remedy=apt),
        step("docker", "Docker engine", docker, "packages", usual=5),
        fetching("pulumi", "Pulumi engine", engine, usual=90),
        fetching("plugins", "Provider plugins", provider_plugins, "pulumi", usual=360),
        fetching("base", "Base image", debian, "docker", usual=45),
        step("registry", "Registry", registry, "base", usual=20),
        fetching("golang", "Go builder image", golang, "registry", usual=60),
        fetching("buildx", "docker buildx", buildx, "packages", usual=20),
        fetching("buildkit", "BuildKit", buildkit, "buildx", "registry", usual=60),
    ]
    if os.environ.get("KUBECONFIG"):
        return common
    node = [
        fetching("kube", "Kubernetes", kubernetes.PROGRAM, usual=480),
        fetching("node-image", "Node image", kubernetes.NODE_IMAGE, "base", usual=40),
        step("pause", "Pause image", kubernetes.PAUSE_IMAGE, "registry", usual=5),
        step("node", "Kubernetes node", kubernetes, "kube", "node-image", "pause", usual=20),
    ]
    for addon, image_usual, usual in ((addons.PROMETHEUS, 30, 15), (addons.METRICS_SERVER, 120, 30)):
        image = f"{addon.name}-image"
        # After kube: only one compiler runs at a time, and most steps wait for the node.
        needs = ("registry", "kube")
        node.append(fetching(image, f"{addon.title} image", addon.image, *needs, usual=image_usual))
        node.append(step(addon.name, addon.title, addon, "node", image, usual=usual))
    return common + node
