"""BuildKit in a container of our own, and the builder of buildx that finds it there by the container's name.

Of buildx's drivers, `docker-container` has all that asks a registry trust its authority. With `remote`,
`imagetools` and the docker-build plugin's Index speak plain HTTP to loopback whatever BuildKit does.
The driver would create a privileged container, which not every machine can give, but takes one that is there.
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
    """Its settings. Without `http = false` it takes a registry on a loopback address for plain HTTP."""
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
    """The image of the built programs."""
    binaries = {tool.name: tools.path(tool) for tool in (BUILDKIT, BUILDCTL)}
    files = {"buildkitd.toml": config(AUTHORITY).encode(), **binaries}
    return Image(tag=images.BUILDKIT_IMAGE, dockerfile=DOCKERFILE, files=files)


def container(built: Image, paths: Paths) -> Container:
    """The server, on the machine's network, as the registry is on a loopback port."""
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
    """Its release and container if it answers and runs as it would be started now, else None."""
    binaries = (site.tools.path(BUILDKIT), site.tools.path(BUILDCTL))
    if not all(path.exists() for path in (*binaries, site.paths.authority, _builder_config(site.paths))):
        return None
    runs = containers.is_running(site, container(image(site.tools), site.paths))
    return _release(site) if runs else None


def ensure(site: Site, report: Report) -> str:
    """Has the server run with its settings, and buildx use it."""
    for tool in (BUILDKIT, BUILDCTL):
        site.tools.build(tool, report)
    built = image(site.tools)
    built.ensure(site, report)
    containers.start(site, container(built, site.paths))
    # Anew: buildx keeps a copy of the authority's certificate with its builder.
    shutil.rmtree(site.paths.buildx_config, ignore_errors=True)
    settings = _builder_config(site.paths)
    write(settings, config(str(site.paths.authority)))
    options = ["--name", BUILDER, "--driver", "docker-container", "--buildkitd-config", str(settings)]
    site.runner.run(["docker", "buildx", "create", *options])
    # Else it is forgotten as soon as something asks with another DOCKER_HOST.
    site.runner.run(["docker", "buildx", "use", "--global", BUILDER])
    report("waiting for its answer")
    if found := site.runner.wait_for(lambda: _release(site), START_SECONDS):
        return found
    raise StepError(f"it does not answer; it wrote:\n{containers.logs(site, NAME)}")


def _release(site: Site) -> str | None:
    """Its release and container if buildx uses it and it answers, else None."""
    try:
        said = site.runner.run(["docker", "buildx", "inspect"])
    except CommandError:
        return None
    found = re.search(rf"^Name: +{BUILDER}$.*^BuildKit version: +(\S+)", said, re.MULTILINE | re.DOTALL)
    return f"BuildKit {found[1]} in container {NAME}" if found else None


def _builder_config(paths: Paths) -> Path:
    return paths.buildx_config / "buildkitd.toml"
