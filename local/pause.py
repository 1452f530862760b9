"""The pause image: the program that holds a pod's namespaces, and nothing else."""

from local import images, registry
from local.gobuild import Builder
from local.images import Image
from local.paths import Paths
from local.process import Runner
from local.steps import Report
from local.tools import PAUSE

DOCKERFILE = """\
FROM scratch
COPY pause /pause
USER 65535:65535
ENTRYPOINT ["/pause"]
"""


def done(runner: Runner, paths: Paths) -> str | None:
    built = images.key_of(runner, images.PAUSE) is not None and registry.has(paths, images.PAUSE)
    return images.PAUSE if built else None


def ensure(runner: Runner, builder: Builder, paths: Paths, report: Report) -> str:
    """Has the pause image in the registry."""
    binary = builder.build(PAUSE, report)
    log = paths.logs / "pause-image.log"
    images.build(runner, Image(tag=images.PAUSE, dockerfile=DOCKERFILE, files={"pause": binary}), log, report)
    images.push(runner, images.PAUSE, log)
    return images.PAUSE
