"""A BuildKit of its own for the official docker-build plugin, which does not use the engine's.

It shares the machine's network, so that it reaches the registry on its loopback port. Stand-ins need none.
"""

from local import images
from local.paths import Paths
from local.process import CommandError, Runner
from local.record import write
from local.steps import Report

NAME = "goservice"
CONFIG = f"""\
[registry."{images.REGISTRY}"]
  http = true
"""


def done(runner: Runner) -> str | None:
    """What it is if it runs, else None."""
    try:
        said = runner.run(["docker", "buildx", "inspect", NAME])
    except CommandError:
        return None
    return describe() if "running" in said else None


def ensure(runner: Runner, paths: Paths, report: Report) -> str:
    """Creates the builder; one that does not run is replaced."""
    config = paths.state / "buildkitd.toml"
    write(config, CONFIG)
    remove(runner)
    runner.run(
        [
            "docker", "buildx", "create", "--name", NAME, "--driver", "docker-container",
            "--driver-opt", "network=host", "--config", str(config), "--bootstrap", "--use",
        ],
        log=paths.logs / "builder.log",
        on_line=report,
    )  # fmt: skip
    return describe()


def remove(runner: Runner) -> bool:
    """Removes the builder with its cache if it is there. Returns whether it was."""
    try:
        runner.run(["docker", "buildx", "inspect", NAME])
    except CommandError:
        return False
    runner.run(["docker", "buildx", "rm", NAME])
    return True


def describe() -> str:
    return f"BuildKit in container buildx_buildkit_{NAME}0"
