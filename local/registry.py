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
    """The registry's container; a new certificate requires a new one."""
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


def _is_success(paths: Paths, method: str, path: str = "") -> bool:
    """Whether a request succeeds, for a client that trusts only the registry's authority."""
    try:
        trust = ssl.create_default_context(cafile=str(paths.authority))
        url = f"https://{images.REGISTRY}/v2/{path}"
        headers = {"Accept": ", ".join(MANIFESTS)}
        # Without the user's proxy, because the registry is on this machine.
        with httpx.Client(verify=trust, timeout=5, trust_env=False) as http:
            return http.request(method, url, headers=headers).is_success
    except (httpx.HTTPError, OSError):  # no response, or no authority yet
        return False


def has_image(paths: Paths, tag: str) -> bool:
    """Whether the registry has an image."""
    name, _, version = tag.removeprefix(f"{images.REGISTRY}/").rpartition(":")
    return _is_success(paths, "HEAD", f"{name}/manifests/{version}")


def is_published(site: Site, image: Image) -> bool:
    """Whether the engine and the registry have an image up to date."""
    return image.done(site) is not None and has_image(site.paths, image.tag)


def done(site: Site) -> str | None:
    """The registry's address if it is up to date and has the base image, else None."""
    site.use(own_registry=site.paths.bundle.exists())
    runs = certificates.done(site.paths) and containers.is_running(site, container(site.paths))
    return describe(site.paths) if runs and has_image(site.paths, images.BASE) else None


def ensure(site: Site, report: Report) -> str:
    """Starts the registry and pushes the base image to it."""
    certificates.ensure(site.paths)
    site.use(own_registry=True)
    IMAGE.ensure(site, report)
    containers.start(site, container(site.paths))
    if not site.runner.wait_for(lambda: _is_success(site.paths, "GET"), START_SECONDS):
        raise StepError(f"it does not respond on {images.REGISTRY}; its log:\n{containers.logs(site, NAME)}")
    report("pushing the base image")
    site.runner.run(["docker", "push", images.BASE], log=site.log("image-registry"))
    return describe(site.paths)


def describe(paths: Paths) -> str:
    return f"https://{images.REGISTRY}, authority {paths.authority}"
