"""Removes what `up` created, and prints what it removed and kept."""

import os
import shutil
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import chain
from pathlib import Path

import psutil
from rich.console import Console

from local import buildkit, containers, docker, firewall, images, kubernetes, namespace, registry, stack
from local.paths import Paths
from local.privilege import as_root
from local.process import CommandError
from local.site import Site

# By kind of object: template of its name in a listing, and patterns of our names.
NAMES = {
    "container": ("{{.Names}}", (buildkit.NAME, kubernetes.NAME, registry.NAME)),
    "network": ("{{.Name}}", (containers.NETWORK,)),
    "volume": ("{{.Name}}", (*kubernetes.VOLUMES, registry.VOLUME, buildkit.VOLUME)),
    "image": ("{{.Repository}}:{{.Tag}}", (f"{images.REGISTRY}/*", *(f"{tag}:latest" for tag in images.OWN))),
}
CGROUPS = Path("/sys/fs/cgroup")
CGROUP_TRIES = 20


def take_down(site: Site, console: Console, *, only: str | None, cache: bool) -> None:
    """Removes everything. only: remove just this stack while others remain. cache: remove built tools too."""
    paths, record = site.paths, site.record
    if not paths.record.exists():
        console.print("nothing is up")
        for line in _cache(paths, cache) if cache else ():
            console.print(line, highlight=False)
        return
    if record.own_docker and docker.has_leftovers(paths):
        # Containers of a killed engine can only be stopped by a new one.
        docker.start(site, lambda _text: None)
    socket = paths.docker_socket if record.own_docker else docker.user_socket(os.environ)
    answers = bool(socket and docker.version(socket))
    for created in list(record.stacks):
        if only is None or created.name == only:
            if shutil.which("pulumi", path=site.env.get("PATH")) and (answers or not record.own_node):
                home = str(stack.outputs(site, created.name).get("namespace", ""))
                stack.destroy(site, created, force=record.own_node)
                # Otherwise the namespace is removed with its cluster.
                if home and (only or not record.own_node):
                    console.print(namespace.remove_if_empty(site, home), highlight=False)
            stack.forget(site, created)
            console.print(f"removed stack {created.name} and its resources")
    if record.stacks:
        left = ", ".join(each.name for each in record.stacks)
        console.print(f"kept everything else for stack {left}; `python -m local down` removes all")
        return
    for line in chain(_remove(site, engine_answers=answers), _cache(paths, cache)):
        console.print(line, highlight=False)
    if record.packages:
        console.print(f"kept Debian packages {' '.join(record.packages)}")


def _remove(site: Site, *, engine_answers: bool) -> Iterator[str]:
    if engine_answers:
        # Volumes and images of our own engine are removed with it.
        for kind in ("container", "network") if site.record.own_docker else NAMES:
            yield from _remove_from_engine(site, kind)
    if site.record.own_node:
        yield from _remove_cgroups(site)
    if site.record.own_docker:
        if docker.stop(site):
            yield "stopped the Docker engine"
        firewall.restore(site)
    if site.paths.state.exists():
        _remove_state(site)
        yield f"removed {site.paths.state}"


def _remove_from_engine(site: Site, kind: str) -> Iterator[str]:
    field, ours = NAMES[kind]
    every, force = (["--all"], ["--force"]) if kind == "container" else ([], [])
    for name in site.runner.run(["docker", kind, "ls", *every, "--format", field]).split():
        if any(fnmatchcase(name, pattern) for pattern in ours):
            site.runner.run(["docker", kind, "rm", *force, name])
            yield f"removed {kind} {name}"


def _remove_cgroups(site: Site) -> Iterator[str]:
    """Removes the pods' control groups, which outlive the node and are busy until its last process exits."""
    roots: list[Path] = []
    for _ in range(CGROUP_TRIES):
        roots = [path for path in (CGROUPS / "goservice", *CGROUPS.glob("*/goservice")) if path.is_dir()]
        if not roots:
            return
        try:
            site.runner.run(as_root(["find", *map(str, roots), "-depth", "-type", "d", "-delete"]))
        except CommandError:
            site.runner.wait(0.5)
    yield f"kept control groups {', '.join(map(str, roots))}, which still have processes"


def _remove_state(site: Site) -> None:
    state = site.paths.state
    mounts = [partition.mountpoint for partition in psutil.disk_partitions(all=True)]
    if inside := [mount for mount in mounts if Path(mount).is_relative_to(state)]:
        site.runner.run(as_root(["umount", "-l", *reversed(inside)]))
    site.runner.run(as_root(["rm", "-rf", str(state)]))


def _cache(paths: Paths, remove: bool) -> Iterator[str]:
    if not paths.cache.exists():
        return
    size = sum(file.stat().st_size for file in paths.cache.rglob("*") if file.is_file()) / 1e6
    if remove:
        shutil.rmtree(paths.cache)
        yield f"removed {paths.cache} ({size:.0f} MB)"
    else:
        yield f"kept built tools in {paths.cache} ({size:.0f} MB); `down --cache` removes them"
