"""The registry: Debian's docker-registry in a container, with TLS, on a loopback port."""

import ssl

import httpx

from local import certificates, containers, images
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
  tls:
    certificate: /tls/registry.crt
    key: /tls/registry.key
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


def container(paths: Paths) -> Container:
    """The registry with its certificate; a new certificate makes it another one."""
    tls = [paths.tls / name for name in ("registry.crt", "registry.key")]
    return Container(
        name=NAME,
        image=IMAGE.tag,
        arguments=(
            "--network-alias=registry",
            f"--publish=127.0.0.1:{PORT}:{PORT}",
            f"--volume={VOLUME}:/var/lib/registry",
            *(f"--volume={file}:/tls/{file.name}:ro" for file in tls),
        ),
        key=IMAGE.key + tls[0].read_text(),
    )


def client(paths: Paths) -> httpx.Client:
    """An HTTP client that trusts the registry's authority and no other."""
    trust = ssl.create_default_context(cafile=str(paths.authority))
    return httpx.Client(base_url=f"https://{images.REGISTRY}/v2/", verify=trust, timeout=5)


def answers(paths: Paths) -> bool:
    """Whether the registry answers on its port."""
    try:
        with client(paths) as http:
            return http.get("").is_success
    except (httpx.HTTPError, OSError):
        return False


def has(paths: Paths, tag: str) -> bool:
    """Whether the registry holds an image."""
    name, _, version = tag.removeprefix(f"{images.REGISTRY}/").rpartition(":")
    try:
        with client(paths) as http:
            manifest = f"{name}/manifests/{version}"
            return http.head(manifest, headers={"Accept": ", ".join(MANIFESTS)}).is_success
    except (httpx.HTTPError, OSError):  # it does not answer, or there is no authority to know it by
        return False


def done(runner: Runner, paths: Paths) -> str | None:
    """The registry's address if it runs with a good certificate and holds the base image, else None."""
    if not certificates.done(paths) or not containers.is_running(runner, container(paths)):
        return None
    return describe(paths) if answers(paths) and has(paths, images.BASE) else None


def ensure(runner: Runner, paths: Paths, report: Report) -> str:
    """Has the registry answer, with the base image in it."""
    log = paths.logs / "registry.log"
    certificates.ensure(paths)
    images.build(runner, IMAGE, log, report)
    containers.ensure_network(runner)
    containers.start(runner, container(paths))
    if not runner.wait_for(lambda: answers(paths), START_SECONDS):
        said = containers.logs(runner, NAME)
        raise StepError(f"it does not answer on {images.REGISTRY}; it wrote:\n{said}")
    report("pushing the base image")
    images.push(runner, images.BASE, log)
    return describe(paths)


def describe(paths: Paths) -> str:
    return f"https://{images.REGISTRY}, authority {paths.authority}"
