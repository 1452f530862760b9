"""The registry: Debian's docker-registry in a container, on a loopback port."""

import time

import httpx

from local import containers, images
from local.containers import Container
from local.paths import Paths
from local.process import Runner
from local.steps import Report, StepError

NAME = "goservice-registry"
VOLUME = "goservice-registry"
PORT = 5000
START_SECONDS = 30
MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
)

CONFIG = f"""\
version: 0.1
log:
  level: warn
storage:
  filesystem:
    rootdirectory: /var/lib/registry
  delete:
    enabled: true
http:
  addr: :{PORT}
"""

IMAGE = images.Image(
    tag=images.REGISTRY_IMAGE,
    dockerfile=f"""\
FROM {images.BASE}
RUN apt-get update -qq \\
 && apt-get install -y -qq --no-install-recommends docker-registry ca-certificates \\
 && rm -rf /var/lib/apt/lists/*
COPY config.yml /etc/docker/registry/config.yml
CMD ["docker-registry", "serve", "/etc/docker/registry/config.yml"]
""",
    files={"config.yml": CONFIG.encode()},
)

CONTAINER = Container(
    name=NAME,
    image=IMAGE.tag,
    arguments=(
        "--network-alias=registry",
        f"--publish=127.0.0.1:{PORT}:{PORT}",
        f"--volume={VOLUME}:/var/lib/registry",
    ),
    key=IMAGE.key,
)


def answers() -> bool:
    """Whether the registry answers on its port."""
    try:
        return httpx.get(f"http://{images.REGISTRY}/v2/", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def has(tag: str) -> bool:
    """Whether the registry holds an image."""
    name, _, version = tag.removeprefix(f"{images.REGISTRY}/").rpartition(":")
    url = f"http://{images.REGISTRY}/v2/{name}/manifests/{version}"
    try:
        return httpx.head(url, headers={"Accept": ", ".join(MANIFESTS)}, timeout=5).is_success
    except httpx.HTTPError:
        return False


def done(runner: Runner) -> str | None:
    """The registry's address if it runs and holds the base image, else None."""
    if containers.is_running(runner, CONTAINER) and answers() and has(images.BASE):
        return f"http://{images.REGISTRY}"
    return None


def ensure(runner: Runner, paths: Paths, report: Report) -> str:
    """Has the registry answer, with the base image in it."""
    log = paths.logs / "registry.log"
    images.build(runner, IMAGE, log, report)
    containers.ensure_network(runner)
    containers.start(runner, CONTAINER)
    end = time.monotonic() + START_SECONDS
    while not answers():
        if time.monotonic() > end:
            said = containers.logs(runner, NAME)
            raise StepError(f"it does not answer on {images.REGISTRY}; it wrote:\n{said}")
        runner.wait(0.2)
    report("pushing the base image")
    images.push(runner, images.BASE, log)
    return f"http://{images.REGISTRY}"
