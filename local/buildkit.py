"""BuildKit in a container, and a buildx builder that finds it by the container's name.

buildx's driver `docker-container` makes every client trust the registry's authority. With `remote`,
`imagetools` and the docker-build plugin's Index use plain HTTP for loopback addresses. The driver would
create a privileged container, which not every machine allows, but it uses an existing one of the right name.
"""

import re
import shutil
from pathlib import Path

from local import containers, images
from local.containers import Container
from local.gobuild import Builder
from local.images import Image
from local.paths import Paths
from local.process import CommandError
from local.record import write
from local.site import Site
from local.steps import Report, StepError
from local.tools import BUILDCTL, BUILDKIT

BUILDER = "goservice"
NAME = f"buildx_buildkit_{BUILDER}0"  # the driver looks for it by this name
VOLUME = "goservice-buildkit"
START_SECONDS = 60
AUTHORITY = "/etc/buildkit/registry.crt"
DOCKERFILE = f"""\
FROM {images.BASE}
RUN apt-get update -qq \\
 && apt-get install -y -qq --no-install-recommends ca-certificates runc \\
 && rm -rf /var/lib/apt/lists/*
COPY buildkitd buildctl /usr/local/bin/
COPY buildkitd.toml /etc/buildkit/
ENTRYPOINT ["buildkitd", "--oci-worker-net", "host"]
"""


def config(authority: str) -> str:
    """buildkitd.toml. Without `http = false`, BuildKit uses plain HTTP for a loopback address."""
    return f"""\
[worker.oci]
  defaultCgroupParent = "goservice/buildkit"
  [[worker.oci.gcpolicy]]
    all = true
    maxUsedSpace = "10GB"
[registry."{images.REGISTRY}"]
  http = false
  ca = ["{authority}"]
"""


def image(tools: Builder) -> Image:
    """The image with the built programs."""
    binaries = {tool.name: tools.path(tool) for tool in (BUILDKIT, BUILDCTL)}
    files = {"buildkitd.toml": config(AUTHORITY).encode(), **binaries}
    return Image(tag=images.BUILDKIT_IMAGE, dockerfile=DOCKERFILE, files=files)


def container(built: Image, paths: Paths) -> Container:
    """The server, on the host's network because the registry is on a loopback port."""
    return Container(
        name=NAME,
        image=built.tag,
        key=built.key + paths.authority.read_text(),
        network="host",
        arguments=(
            *containers.NESTING,
            f"--volume={VOLUME}:/var/lib/buildkit",
            f"--volume={paths.authority}:{AUTHORITY}:ro",
        ),
    )


def done(site: Site) -> str | None:
    """Version and container if it responds and is up to date, else None."""
    binaries = (site.tools.path(BUILDKIT), site.tools.path(BUILDCTL))
    if not all(path.exists() for path in (*binaries, site.paths.authority, _builder_config(site.paths))):
        return None
    runs = containers.is_running(site, container(image(site.tools), site.paths))
    return _release(site) if runs else None


def ensure(site: Site, report: Report) -> str:
    """Builds and starts the server, and makes it buildx's builder."""
    for tool in (BUILDKIT, BUILDCTL):
        site.tools.build(tool, report)
    built = image(site.tools)
    built.ensure(site, report)
    containers.start(site, container(built, site.paths))
    # Recreated, because buildx keeps a copy of the authority's certificate with its builder.
    shutil.rmtree(site.paths.buildx_config, ignore_errors=True)
    settings = _builder_config(site.paths)
    write(settings, config(str(site.paths.authority)))
    options = ["--name", BUILDER, "--driver", "docker-container", "--buildkitd-config", str(settings)]
    site.runner.run(["docker", "buildx", "create", *options])
    # Without --global the choice is lost with another DOCKER_HOST.
    site.runner.run(["docker", "buildx", "use", "--global", BUILDER])
    report("waiting for it to respond")
    if found := site.runner.wait_for(lambda: _release(site), START_SECONDS):
        return found
    raise StepError(f"it does not respond; its log:\n{containers.logs(site, NAME)}")


def _release(site: Site) -> str | None:
    """Version and container if buildx uses it and it responds, else None."""
    try:
        output = site.runner.run(["docker", "buildx", "inspect"])
    except CommandError:
        return None
    found = re.search(rf"^Name: +{BUILDER}$.*^BuildKit version: +(\S+)", output, re.MULTILINE | re.DOTALL)
    return f"BuildKit {found[1]} in container {NAME}" if found else None


def _builder_config(paths: Paths) -> Path:
    return paths.buildx_config / "buildkitd.toml"
