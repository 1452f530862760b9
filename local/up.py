"""What `up` and `preview` do, from start to end."""

import os
import socket
import time

from rich.console import Console

from local import docker, services, stack, status
from local.bringup import bring_up, interruptible, locked, planned
from local.display import duration
from local.environment import variables
from local.kubernetes import API_PORT
from local.paths import Paths
from local.plan import Plan
from local.record import Record


def whole(paths: Paths, record: Record, console: Console, name: str) -> None:
    """Brings up every part, then the stack, and says what runs where."""
    start = time.monotonic()
    with locked(paths.lock), interruptible():
        plan = planned(paths, record)
        cluster = _cluster(paths)
        bring_up(plan, console)
        stack.ensure(plan.runner, paths, record, name)
        # A new cluster has nothing of what the stack says it has.
        refresh = cluster is not None and cluster != _cluster(paths)
        stack.up(variables(paths, record, os.environ), paths, name, refresh=refresh)
        _summary(plan, console, name)
    console.print(f"up after {duration(time.monotonic() - start)}")


def for_preview(paths: Paths, record: Record, console: Console, name: str) -> None:
    """Has the engine, the parts it talks to and the stack there, so that a preview can run."""
    there = _seems_up(paths, record)
    if there and stack.is_made(paths, record, name):
        return
    with locked(paths.lock), interruptible():
        plan = planned(paths, record)
        if not there:
            bring_up(plan, console)
        stack.ensure(plan.runner, paths, record, name)


def _cluster(paths: Paths) -> str | None:
    """What tells our clusters apart: each has keys of its own."""
    return paths.kubeconfig.read_text() if paths.kubeconfig.exists() else None


def _seems_up(paths: Paths, record: Record) -> bool:
    """Whether our own parts answer; quick, so that a preview need not wait for all the checks."""
    if not paths.record.exists():
        return False
    if record.own_docker and not docker.version(paths.docker_socket):
        return False
    if not record.own_node:
        return True
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", API_PORT)) == 0


def _summary(plan: Plan, console: Console, name: str) -> None:
    console.print()
    version = str(stack.outputs(plan.runner, plan.paths, name).get("version", ""))
    for address in status.addresses(plan) if plan.record.own_node else []:
        said = services.wait(address, plan.runner.wait, version)
        console.print(
            f"[green]✓[/] {address.service} answers at {address.url}: {said[:100]}", highlight=False
        )
    console.print(f"stack {name} is up" + (f", version {version}" if version else ""))
    console.print("next: make status, make preview, make down; python -m local exec -- kubectl get pods -A")
