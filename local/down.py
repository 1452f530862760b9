"""Removes what `up` made, and says what it removed and what it kept."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from local import buildkit, containers, docker, firewall, images, kubernetes, registry, stack
from local.environment import variables
from local.paths import Paths
from local.privilege import privileged
from local.process import CommandError, Runner
from local.record import Record

TAGS = (
    images.BASE,
    images.GOLANG,
    images.PAUSE,
    images.REGISTRY_IMAGE,
    images.NODE_IMAGE,
    images.BUILDKIT_IMAGE,
)
CGROUPS = Path("/sys/fs/cgroup")
CGROUP_TRIES = 20


def take_down(paths: Paths, record: Record, console: Console, *, only: str | None, cache: bool) -> None:
    """Removes everything; with `only`, just that stack as long as others remain."""
    if not paths.record.exists():
        console.print("nothing is up")
        for line in _cache(paths, cache) if cache else ():
            console.print(line, highlight=False)
        return
    env = variables(paths, record, os.environ)
    runner = Runner(env=env)
    engine = docker.Engine(paths=paths)
    if record.own_docker and engine.has_leftovers():
        # Only an engine can end the containers of one that was killed.
        engine.start(runner, lambda _text: None)
    answers = _engine_answers(paths, record)
    for made in list(record.stacks):
        if only is None or made.name == only:
            if shutil.which("pulumi", path=env.get("PATH")) and (answers or not record.own_node):
                stack.destroy(runner, env, paths, made, force=record.own_node)
            stack.forget(paths, record, made)
            console.print(f"removed stack {made.name} and its resources")
    if record.stacks:
        left = ", ".join(made.name for made in record.stacks)
        console.print(f"kept everything else, as it serves stack {left}; `python -m local down` removes all")
        return
    for line in _remove(runner, paths, record, answers=answers):
        console.print(line, highlight=False)
    for line in _cache(paths, cache):
        console.print(line, highlight=False)
    if record.packages:
        console.print(f"kept Debian packages {' '.join(record.packages)}")


def _engine_answers(paths: Paths, record: Record) -> bool:
    users = docker.users_socket(os.environ)
    path = paths.docker_socket if record.own_docker else users
    return bool(path and docker.version(path))


def _remove(runner: Runner, paths: Paths, record: Record, *, answers: bool) -> Iterator[str]:
    if answers:
        for name in (buildkit.NAME, kubernetes.NAME, registry.NAME):
            if containers.remove(runner, name):
                yield f"removed container {name}"
        yield from _remove_from_engine(runner, "network", [containers.NETWORK])
        if not record.own_docker:
            yield from _clear(runner)
    if record.own_node:
        yield from _remove_cgroups(runner)
    if record.own_docker:
        if docker.Engine(paths=paths).stop(runner):
            yield "stopped the Docker engine"
        firewall.restore(runner, paths)
    if paths.state.exists():
        _remove_state(runner, paths.state)
        yield f"removed {paths.state}"


def _clear(runner: Runner) -> Iterator[str]:
    """Volumes and images in the user's own engine."""
    yield from _remove_from_engine(runner, "volume", [*kubernetes.VOLUMES, registry.VOLUME, buildkit.VOLUME])
    listed = runner.run(["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]).split()
    ours = [tag for tag in listed if tag in TAGS or tag.startswith(f"{images.REGISTRY}/")]
    yield from _remove_from_engine(runner, "image", ours)


def _remove_from_engine(runner: Runner, kind: str, names: list[str]) -> Iterator[str]:
    for name in names:
        try:
            runner.run(["docker", kind, "rm", name])
        except CommandError as error:
            if "o such" not in str(error) and "not found" not in str(error):
                raise
            continue
        yield f"removed {kind} {name}"


def _remove_cgroups(runner: Runner) -> Iterator[str]:
    """The pods' control groups, which outlive the node; busy until its last process is gone."""
    roots: list[Path] = []
    for _ in range(CGROUP_TRIES):
        roots = [path for path in (CGROUPS / "goservice", *CGROUPS.glob("*/goservice")) if path.is_dir()]
        if not roots:
            return
        try:
            runner.run(privileged(["find", *map(str, roots), "-depth", "-type", "d", "-delete"]))
        except CommandError:
            runner.wait(0.5)
    yield f"kept control groups {', '.join(map(str, roots))}, in which something still runs"


def _remove_state(runner: Runner, state: Path) -> None:
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    inside = [mount for mount in mounts if Path(mount).is_relative_to(state)]
    if inside:
        runner.run(privileged(["umount", "-l", *reversed(inside)]))
    runner.run(privileged(["rm", "-rf", str(state)]))


def _cache(paths: Paths, remove: bool) -> Iterator[str]:
    if not paths.cache.exists():
        return
    size = sum(file.stat().st_size for file in paths.cache.rglob("*") if file.is_file()) / 1e6
    if remove:
        shutil.rmtree(paths.cache)
        yield f"removed {paths.cache} ({size:.0f} MB)"
    else:
        yield f"kept built tools in {paths.cache} ({size:.0f} MB); `down --cache` removes them too"
