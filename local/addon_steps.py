"""The steps of what measures the pods: Prometheus and metrics-server, each an image and what runs of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local import addon, metrics_server, prometheus
from local.addon import Addon
from local.gobuild import Builder, GoTool
from local.paths import Paths
from local.process import Runner
from local.steps import Report, Step
from local.tools import DISCOVERY, KUBE, METRICS_SERVER


@dataclass(frozen=True, kw_only=True)
class Part:
    """An add-on and the tool in its image; usual: seconds for image and answer when nothing is cached."""

    name: str
    title: str
    tool: GoTool
    addon: Callable[[Path], Addon]
    usual: tuple[float, float]


PARTS = (
    Part(
        name="prometheus",
        title="Prometheus",
        tool=DISCOVERY,
        addon=prometheus.addon,
        usual=(30, 15),
    ),
    Part(
        name="metrics-server",
        title="Metrics server",
        tool=METRICS_SERVER,
        addon=metrics_server.addon,
        usual=(120, 30),
    ),
)


def steps(runner: Runner, paths: Paths, tools: Builder, no_network: str) -> list[Step]:
    """Two steps for each part; no_network: remedy of those that download something."""
    return [step for part in PARTS for step in _steps(part, runner, paths, tools, no_network)]


def _steps(part: Part, runner: Runner, paths: Paths, tools: Builder, no_network: str) -> list[Step]:
    def if_built(found: Callable[[Addon], str | None]) -> str | None:
        binary = tools.path(part.tool)
        return found(part.addon(binary)) if binary.exists() else None

    def image(report: Report) -> str:
        built = part.addon(tools.build(part.tool, report)).image
        return addon.ensure_image(runner, built, paths.logs / f"{part.name}-image.log", report)

    def run(report: Report) -> str:
        added = part.addon(tools.path(part.tool))
        return addon.ensure(runner, tools.path(KUBE), paths, added, report)

    return [
        Step(
            name=f"{part.name}-image",
            title=f"{part.title} image",
            # The compiler does one thing at a time, and the node is what most others wait for.
            needs=("registry", "kube"),
            done=lambda: if_built(lambda added: addon.image_done(runner, paths, added.image)),
            run=image,
            usual=part.usual[0],
            remedy=no_network,
        ),
        Step(
            name=part.name,
            title=part.title,
            needs=("node", f"{part.name}-image"),
            done=lambda: if_built(lambda added: addon.done(runner, tools.path(KUBE), paths, added)),
            run=run,
            usual=part.usual[1],
        ),
    ]
