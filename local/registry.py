"""The registry: Debian's docker-registry in a container, with TLS, on a loopback port."""

import ssl

import httpx

from local import certificates, containers, images
from local.containers import Container
from local.images import Image
from local.paths import Paths
from local.site import Site
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

IMAGE = Image(
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


def _answer(paths: Paths, method: str, path: str = "") -> bool:
    """Whether the registry says yes, to a client that trusts its authority and no other."""
    try:
        trust = ssl.create_default_context(cafile=str(paths.authority))
        url = f"https://{images.REGISTRY}/v2/{path}"
        headers = {"Accept": ", ".join(MANIFESTS)}
        # Not by the user's proxy: it is on this machine.
        with httpx.Client(verify=trust, timeout=5, trust_env=False) as http:
            return http.request(method, url, headers=headers).is_success
    except (httpx.HTTPError, OSError):  # it does not answer, or there is no authority to know it by
        return False


def has(paths: Paths, tag: str) -> bool:
    """Whether the registry holds an image."""
    name, _, version = tag.removeprefix(f"{images.REGISTRY}/").rpartition(":")
    return _answer(paths, "HEAD", f"{name}/manifests/{version}")


def holds(site: Site, image: Image) -> bool:
    """Whether the engine and the registry have an image as it would be built now."""
    return image.done(site) is not None and has(site.paths, image.tag)


def done(site: Site) -> str | None:
    """The registry's address if it runs with a good certificate and holds the base image, else None."""
    site.use(own_registry=site.paths.bundle.exists())
    runs = certificates.done(site.paths) and containers.is_running(site, container(site.paths))
    return describe(site.paths) if runs and has(site.paths, images.BASE) else None


def ensure(site: Site, report: Report) -> str:
    """Has the registry answer, with the base image in it."""
    certificates.ensure(site.paths)
    site.use(own_registry=True)
    IMAGE.ensure(site, report)
    containers.start(site, container(site.paths))
    if not site.runner.wait_for(lambda: _answer(site.paths, "GET"), START_SECONDS):
        said = containers.logs(site, NAME)
        raise StepError(f"it does not answer on {images.REGISTRY}; it wrote:\n{said}")
    report("pushing the base image")
    site.runner.run(["docker", "push", images.BASE], log=site.log("image-registry"))
    return describe(site.paths)


def describe(paths: Paths) -> str:
    return f"https://{images.REGISTRY}, authority {paths.authority}"
